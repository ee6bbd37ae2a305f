#include "app/page_reader.h"

#include <limits>

#include "app/wire_views.h"

namespace clearline::app {

namespace {

void take_events(LogPage& page, const std::vector<chat::Event>& events, const DirectorySnapshot& directory) {
  if (events.empty()) return;
  page.events_json.reserve(events.size());
  for (const chat::Event& event : events)
    wire::append_event(page.events_json.emplace_back(), event_view(event, directory));
  page.first_seq = events.front().seq;
  page.last_seq = events.back().seq;
}

// Why the events after this point cannot be given; empty if they can.
std::string_view reset_reason(const wire::ResumePoint& after, Epoch epoch, Seq last_seq, std::size_t missing_max) {
  if (after.epoch != epoch) return "epoch";
  if (after.seq > last_seq) return "cursor";
  if (last_seq - after.seq > static_cast<Seq>(missing_max)) return "too_far";
  return {};
}

}  // namespace

Result<LogPage> read_page(chat::Reader& reader, const DirectorySnapshot& directory, ConversationId id,
                          const std::optional<wire::ResumePoint>& after, Epoch epoch, const PageLimits& limits) {
  LogPage page;
  CLEARLINE_TRY(page.conversation, reader.conversation(id));
  const Seq last_seq = page.conversation ? page.conversation->last_seq : 0;
  if (after) page.reset_reason = reset_reason(*after, epoch, last_seq, limits.resume_events_max);
  if (!page.conversation) return page;
  if (after && page.reset_reason.empty()) {
    // The row was read before the events, so these may be newer than it; never older.
    CLEARLINE_TRY(const auto events, reader.events_after(id, after->seq, limits.resume_events_max));
    page.first_seq = after->seq + 1;
    page.last_seq = after->seq;
    take_events(page, events, directory);
    page.more = after->seq > 0;
    return page;
  }
  CLEARLINE_TRY(const auto events, reader.events_before(id, std::numeric_limits<Seq>::max(), limits.first_page_events));
  take_events(page, events, directory);
  page.more = page.first_seq > 1;
  return page;
}

Result<LogPage> read_missing(chat::Reader& reader, const DirectorySnapshot& directory, ConversationId id, Seq after,
                             std::size_t limit) {
  LogPage page;
  CLEARLINE_TRY(const auto events, reader.events_after(id, after, limit));
  page.first_seq = after + 1;
  page.last_seq = after;
  take_events(page, events, directory);
  return page;
}

Result<LogPage> read_before(chat::Reader& reader, const DirectorySnapshot& directory, ConversationId id, Seq before,
                            std::size_t limit) {
  LogPage page;
  CLEARLINE_TRY(page.conversation, reader.conversation(id));
  if (!page.conversation) return page;
  CLEARLINE_TRY(const auto events, reader.events_before(id, before, limit));
  take_events(page, events, directory);
  page.more = page.first_seq > 1;
  return page;
}

}  // namespace clearline::app
