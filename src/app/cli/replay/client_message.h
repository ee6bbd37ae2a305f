// What a client says, as JSON text ready to send (docs/reference/protocol.md). Each function replaces what is in `out`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace clearline::app::replay {

struct ResumeFrom {
  ConversationId conv;
  Epoch epoch;
  Seq seq = 0;
};

void write_visitor_hello(std::string& out, std::string_view site, std::string_view token,
                         const std::optional<ResumeFrom>& resume);
void write_agent_hello(std::string& out, std::string_view ticket, std::span<const ResumeFrom> resume);
void write_send(std::string& out, std::int64_t id, ConversationId conv, const ClientId& client_id,
                std::string_view text);
void write_watch(std::string& out, std::int64_t id, const ResumeFrom& after);
void write_unwatch(std::string& out, ConversationId conv);
void write_history(std::string& out, std::int64_t id, ConversationId conv, Seq before, int limit);
void write_receipt(std::string& out, ConversationId conv, Seq delivered, Seq seen);
void write_ping(std::string& out, std::int64_t n);

}  // namespace clearline::app::replay
