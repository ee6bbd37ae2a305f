#include "app/cli/replay/checker.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace clearline::app::replay {

namespace {

constexpr std::size_t at(Fault fault) {
  return static_cast<std::size_t>(fault);
}

std::string_view speaker_name(Speaker speaker) {
  return speaker == Speaker::customer ? "the visitor" : "the agent";
}

// Where two texts part, for people.
std::string difference(std::string_view sent, std::string_view got) {
  const auto [left, right] = std::mismatch(sent.begin(), sent.end(), got.begin(), got.end());
  return fmt::format("{} bytes were sent, {} came, different from byte {} on", sent.size(), got.size(),
                     left - sent.begin());
}

}  // namespace

std::string_view fault_name(Fault fault) {
  constexpr std::array<std::string_view, fault_count> names{"lost", "duplicated", "reordered", "altered"};
  return names[at(fault)];
}

Checker::Checker(std::vector<Expected> expected) {
  messages_.reserve(expected.size());
  for (Expected& one : expected) {
    index_of_.emplace(one.client_id, messages_.size());
    messages_.push_back(Message{one, std::nullopt, false, false, false, {}});
  }
}

void Checker::acknowledged(std::size_t index, Seq seq) {
  messages_[index].acknowledged = true;
  note_seq(index, seq);
}

std::optional<std::size_t> Checker::taken(Speaker side, const Seen& seen) {
  if (!seen.is_message) return std::nullopt;
  const auto index = find(seen.client_id);
  if (!index) {
    const std::string id = seen.client_id ? to_text(*seen.client_id) : fmt::format("seq {}", seen.seq);
    if (strays_.insert(id).second)
      blame_log(Fault::duplicated,
                fmt::format("a message that nobody sent came to {} (seq {})", speaker_name(side), seen.seq));
    return std::nullopt;
  }
  note_seq(*index, seen.seq);
  compare(*index, seen, speaker_name(side));
  Message& message = messages_[*index];
  if (message.expected.speaker == side || std::exchange(message.delivered, true)) return std::nullopt;
  return index;
}

void Checker::new_epoch() {
  for (Message& message : messages_) message.seq.reset();
}

void Checker::read_late(std::span<const Seen> history) {
  check_sequence(history);
  for (const Seen& seen : history) {
    if (!seen.is_message) continue;
    const auto index = find(seen.client_id);
    if (!index) {
      const std::string id = seen.client_id ? to_text(*seen.client_id) : fmt::format("seq {}", seen.seq);
      if (strays_.insert(id).second)
        blame_log(Fault::duplicated, fmt::format("the history has a message that nobody sent (seq {})", seen.seq));
      continue;
    }
    if (std::exchange(messages_[*index].read_late, true))
      blame(*index, Fault::duplicated, fmt::format("stands in the history again (seq {})", seen.seq));
    note_seq(*index, seen.seq);
    compare(*index, seen, "the late reader");
  }
}

// A log starts at 1 and has no holes; a page is in ascending order.
void Checker::check_sequence(std::span<const Seen> history) {
  Seq previous = 0;
  for (const Seen& seen : history) {
    if (seen.seq < previous)
      blame_log(Fault::reordered, fmt::format("the history has seq {} behind seq {}", seen.seq, previous));
    if (seen.seq > previous + 1)
      blame_log(Fault::lost, fmt::format("the history has nothing between seq {} and seq {}", previous, seen.seq));
    previous = std::max(previous, seen.seq);
  }
}

Checker::Verdict Checker::verdict() {
  check_order();
  check_arrival();
  Verdict verdict{log_faults_, details_};
  for (const Message& message : messages_) {
    for (std::size_t fault = 0; fault < fault_count; ++fault) verdict.counts[fault] += message.faults[fault] ? 1 : 0;
  }
  return verdict;
}

void Checker::check_order() {
  Seq highest = 0;
  for (std::size_t index = 0; index < messages_.size(); ++index) {
    const auto seq = messages_[index].seq;
    if (!seq) continue;
    if (*seq <= highest)
      blame(index, Fault::reordered, fmt::format("has seq {}, a message sent before it has seq {}", *seq, highest));
    highest = std::max(highest, *seq);
  }
}

void Checker::check_arrival() {
  for (std::size_t index = 0; index < messages_.size(); ++index) {
    const Message& message = messages_[index];
    const std::string_view other =
        speaker_name(message.expected.speaker == Speaker::customer ? Speaker::agent : Speaker::customer);
    const std::string_view known = message.acknowledged ? "was acknowledged" : "was not acknowledged";
    if (!message.delivered) blame(index, Fault::lost, fmt::format("{} and did not come to {}", known, other));
    if (!message.read_late) blame(index, Fault::lost, fmt::format("{} and is not in the history", known));
  }
}

std::optional<std::size_t> Checker::find(const std::optional<ClientId>& client_id) const {
  if (!client_id) return std::nullopt;
  const auto found = index_of_.find(*client_id);
  return found == index_of_.end() ? std::nullopt : std::optional(found->second);
}

void Checker::note_seq(std::size_t index, Seq seq) {
  Message& message = messages_[index];
  if (!message.seq) message.seq = seq;
  if (*message.seq != seq)
    blame(index, Fault::duplicated, fmt::format("stands under seq {} and seq {}", *message.seq, seq));
}

void Checker::compare(std::size_t index, const Seen& seen, std::string_view where) {
  const Expected& expected = messages_[index].expected;
  if (seen.text != expected.text)
    blame(index, Fault::altered, fmt::format("came altered to {}: {}", where, difference(expected.text, seen.text)));
  if (seen.from != expected.speaker)
    blame(index, Fault::altered, fmt::format("came to {} as from {}", where, speaker_name(seen.from)));
}

void Checker::blame(std::size_t index, Fault fault, std::string what) {
  bool& known = messages_[index].faults[at(fault)];
  if (std::exchange(known, true)) return;
  add_detail(fmt::format("{}: message {} {}", fault_name(fault), index + 1, what));
}

void Checker::blame_log(Fault fault, std::string what) {
  ++log_faults_[at(fault)];
  add_detail(fmt::format("{}: {}", fault_name(fault), what));
}

void Checker::add_detail(std::string what) {
  if (details_.size() < details_max) details_.push_back(std::move(what));
}

}  // namespace clearline::app::replay
