// What happened to the messages of one dialogue, judged message by message. Pure: it is told what each side saw.
//
//   lost        did not arrive at the other side, or is not in the history that a late reader loads
//   duplicated  one message under two sequence numbers or twice in the history; or one that nobody sent
//   reordered   the sequence numbers do not follow the order of sending, or a history does not follow its numbers
//   altered     other bytes than were sent, or another sender
// A message counts once for each of the four, whoever notices it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/cli/replay/dialogue_file.h"
#include "base/ids.h"

namespace clearline::app::replay {

enum class Fault : std::uint8_t { lost, duplicated, reordered, altered };
inline constexpr std::size_t fault_count = 4;
[[nodiscard]] std::string_view fault_name(Fault fault);

using FaultCounts = std::array<std::size_t, fault_count>;

// A message as its sender means it. The text lives as long as the checker.
struct Expected {
  ClientId client_id;
  Speaker speaker = Speaker::customer;
  std::string_view text;
};

// An event as a client got it.
struct Seen {
  Seq seq = 0;
  bool is_message = true;
  Speaker from = Speaker::customer;
  std::optional<ClientId> client_id;
  std::string_view text;
};

class Checker {
 public:
  explicit Checker(std::vector<Expected> expected);

  void acknowledged(std::size_t index, Seq seq);
  // An event that `side` took by the client's rule. Its own messages do not count as delivered. Gives the message's
  // index when this delivered it: the first time that the other side saw it.
  std::optional<std::size_t> taken(Speaker side, const Seen& seen);
  // The log has a new history: sequence numbers so far are void.
  void new_epoch();
  // The whole history, as a late reader loaded it.
  void read_late(std::span<const Seen> history);

  struct Verdict {
    FaultCounts counts{};
    std::vector<std::string> details;  // one a fault, at most details_max
    [[nodiscard]] bool clean() const { return counts == FaultCounts{}; }
  };
  static constexpr std::size_t details_max = 20;
  // To be asked once, at the end: what did not arrive by now is lost.
  [[nodiscard]] Verdict verdict();

 private:
  struct Message {
    Expected expected;
    std::optional<Seq> seq;
    bool acknowledged = false;
    bool delivered = false;
    bool read_late = false;
    std::array<bool, fault_count> faults{};
  };

  [[nodiscard]] std::optional<std::size_t> find(const std::optional<ClientId>& client_id) const;
  void note_seq(std::size_t index, Seq seq);
  void compare(std::size_t index, const Seen& seen, std::string_view where);
  void check_sequence(std::span<const Seen> history);
  void check_order();
  void check_arrival();
  void blame(std::size_t index, Fault fault, std::string what);
  void blame_log(Fault fault, std::string what);
  void add_detail(std::string what);

  std::vector<Message> messages_;
  std::unordered_map<ClientId, std::size_t> index_of_;
  std::set<std::string> strays_;  // client_ids that nobody sent
  FaultCounts log_faults_{};      // faults that belong to no message of ours
  std::vector<std::string> details_;
};

}  // namespace clearline::app::replay
