// Passwords of agents: argon2id by libsodium, in its own text form ("$argon2id$v=19$m=…"), which carries salt and cost.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace clearline::app {

// Longer ones are refused: hashing must not become a way to keep the server busy.
inline constexpr std::size_t password_bytes_max = 1024;
// What a person may choose. Generated passwords are far longer.
inline constexpr std::size_t password_bytes_min = 8;

// Takes some 30 ms of one core and 12 MiB, both on purpose: not for a loop's thread.
// Fails with invalid_argument for a password that is too short or too long, with unavailable when the memory is not to
// be had.
[[nodiscard]] Result<std::string> hash_password(std::string_view password);

// As costly as hash_password. False for a wrong password and for a text that is no hash; the comparison takes the same
// time whatever the password is.
[[nodiscard]] bool verify_password(std::string_view hash, std::string_view password);

// Whether the hash was made at another cost than ours: then hash again while the password is at hand.
[[nodiscard]] bool needs_rehash(std::string_view hash);

// Checked when there is no account of the name, so that the answer takes as long as for one that there is. Of a random
// password that nobody kept, at the cost of hash_password().
inline constexpr std::string_view decoy_password_hash =
    "$argon2id$v=19$m=12288,t=3,p=1$M2vBVKabDH+VWbJY4PH2qw$vsdH6NS9KQeLUMMr4aNunyB4FInCnL2P1n/ND8mj+lk";

// Fills the span; clearline::random_bytes, or a script in tests.
using RandomSource = void (*)(std::span<std::byte> out);

// Four groups of five, for example "k7mwd-2hq9x-tbn4s-vy3rf": 99 bits, lower case, without the look-alikes 0 o 1 i l.
[[nodiscard]] std::string generate_password(RandomSource random);

}  // namespace clearline::app
