// Every code, name and number that a peer or a file can bring has exactly one answer in the registry, and the tables
// agree with each other and with the rules of RFC 6455 section 7.4. Two bytes are the code, the rest is a name.
#include "registry/registry.h"

#include <string_view>

#include "fuzz/fuzz.h"

using namespace clearline;

namespace {

// Section 7.4 and the IANA registry, written down a second time.
bool received_is_valid(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

void check_code(std::uint16_t code) {
  const registry::Entry& entry = registry::lookup(code);
  FUZZ_CHECK(entry.code_first <= code && code <= entry.code_last);
  FUZZ_CHECK(!entry.name.empty() && !registry::wire_rule_name(entry.wire).empty());
  const registry::AgainPolicy& policy = registry::again_policy(entry.again);
  FUZZ_CHECK(!policy.name.empty() && !registry::again_action_name(policy.action).empty());
  FUZZ_CHECK(registry::valid_on_wire_when_received(code) == received_is_valid(code));
  FUZZ_CHECK(registry::may_be_sent(code, registry::Role::client) == received_is_valid(code));
  // 1010 is the client's alone.
  FUZZ_CHECK(registry::may_be_sent(code, registry::Role::server) ==
             (received_is_valid(code) && entry.wire != registry::WireRule::client_only));
  if (entry.wire == registry::WireRule::client_only) FUZZ_CHECK(entry.code_first == entry.code_last);
}

void check_names(std::string_view name) {
  if (const auto cause = registry::cause_from_name(name)) {
    FUZZ_CHECK(registry::cause_name(*cause) == name && !registry::cause_text(*cause).empty());
    const std::uint16_t status = registry::status_for(*cause);
    const bool verdict = status == registry::no_status_received || status == registry::abnormal_closure ||
                         status == registry::tls_handshake;
    // What a connection is ended with can be sent by one side at least, or is a verdict.
    FUZZ_CHECK(verdict != registry::may_be_sent(status, registry::Role::client));
  }
  if (const auto error = registry::error_from_name(name)) {
    FUZZ_CHECK(registry::error_name(*error) == name && !registry::error_text(*error).empty());
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  check_code(input.take_u16());
  const auto rest = input.rest();
  check_names({reinterpret_cast<const char*>(rest.data()), rest.size()});
  return 0;
}
