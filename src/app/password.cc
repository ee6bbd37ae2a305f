#include "app/password.h"

#include <fmt/core.h>
#include <sodium.h>

#include <array>
#include <cstdint>

namespace clearline::app {

namespace {

// OWASP's third profile for argon2id: 3 passes over 12 MiB, as strong as 1 pass over 46 MiB. libsodium's own
// "interactive" cost takes 64 MiB, more than all the rest of the server, which promises to stay under 50.
constexpr unsigned long long passes = 3;
constexpr std::size_t memory_bytes = std::size_t{12} * 1024 * 1024;

constexpr std::string_view alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
constexpr std::size_t group_count = 4;
constexpr std::size_t group_length = 5;

// libsodium reads the hash as a C string.
using HashText = std::array<char, crypto_pwhash_STRBYTES>;

bool copy_hash(std::string_view hash, HashText& out) {
  if (hash.empty() || hash.size() >= out.size() || hash.find('\0') != std::string_view::npos) return false;
  out.fill('\0');
  hash.copy(out.data(), hash.size());
  return true;
}

void initialise() {
  static const bool ready = sodium_init() >= 0;
  CLEARLINE_ASSERT(ready);
}

// Uniform: bytes beyond the largest multiple of the alphabet's size are thrown away.
char random_symbol(RandomSource random) {
  constexpr unsigned limit = 256 / alphabet.size() * alphabet.size();
  for (;;) {
    std::byte byte{};
    random(std::span(&byte, 1));
    const auto value = std::to_integer<unsigned>(byte);
    if (value < limit) return alphabet[value % alphabet.size()];
  }
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  initialise();
  if (password.size() < password_bytes_min)
    return fail(ErrorCode::invalid_argument, fmt::format("the password is too short: {} bytes, at least {} are needed",
                                                         password.size(), password_bytes_min));
  if (password.size() > password_bytes_max)
    return fail(ErrorCode::invalid_argument, fmt::format("the password is too long: {} bytes, at most {} are allowed",
                                                         password.size(), password_bytes_max));
  HashText hash{};
  if (crypto_pwhash_str(hash.data(), password.data(), password.size(), passes, memory_bytes) != 0)
    return fail(ErrorCode::unavailable,
                fmt::format("no {} MiB of memory left to hash the password", memory_bytes >> 20));
  return std::string(hash.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
  initialise();
  HashText text{};
  if (password.size() > password_bytes_max || !copy_hash(hash, text)) return false;
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string_view hash) {
  initialise();
  HashText text{};
  return !copy_hash(hash, text) || crypto_pwhash_str_needs_rehash(text.data(), passes, memory_bytes) != 0;
}

std::string generate_password(RandomSource random) {
  std::string password;
  for (std::size_t group = 0; group < group_count; ++group) {
    if (group > 0) password += '-';
    for (std::size_t i = 0; i < group_length; ++i) password += random_symbol(random);
  }
  return password;
}

}  // namespace clearline::app
