// Reads pages of conversations' logs off the loops' threads. Bound to the reading thread (ServerContext::reading).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/directory_snapshot.h"
#include "chat/store.h"
#include "wire/commands.h"

namespace clearline::app {

// A stretch of a log, ready for the wire.
struct LogPage {
  std::optional<chat::Conversation> conversation;  // nothing: it does not exist (yet)
  std::vector<std::string> events_json;
  Seq first_seq = 1;              // of the first event; last_seq + 1 if there is none
  Seq last_seq = 0;               // everything up to here is in the page, or before it
  bool more = false;              // there are events before first_seq
  std::string_view reset_reason;  // "epoch", "cursor", "too_far": the resume point could not be honoured
};

struct PageLimits {
  std::size_t first_page_events = 50;
  std::size_t resume_events_max = 1'000;
};

// From the resume point, or the newest page without one or when it cannot be honoured.
[[nodiscard]] Result<LogPage> read_page(chat::Reader& reader, const DirectorySnapshot& directory, ConversationId id,
                                        const std::optional<wire::ResumePoint>& after, Epoch epoch,
                                        const PageLimits& limits);
// Events after `after`, at most `limit`; only events_json, first_seq and last_seq are set.
[[nodiscard]] Result<LogPage> read_missing(chat::Reader& reader, const DirectorySnapshot& directory, ConversationId id,
                                           Seq after, std::size_t limit);

// Older events: the newest `limit` before `before`, and whose they are.
[[nodiscard]] Result<LogPage> read_before(chat::Reader& reader, const DirectorySnapshot& directory, ConversationId id,
                                          Seq before, std::size_t limit);

}  // namespace clearline::app
