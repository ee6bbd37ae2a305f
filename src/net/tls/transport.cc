#include "net/tls/transport.h"

#include <openssl/bio.h>

#include <algorithm>
#include <cstring>

#include "base/result.h"

namespace clearline::net {

namespace {

TlsTransport& transport_of(BIO* bio) {
  return *static_cast<TlsTransport*>(BIO_get_data(bio));
}

int bio_read(BIO* bio, char* place, std::size_t size, std::size_t* count) {
  BIO_clear_retry_flags(bio);
  *count = transport_of(bio).read(std::as_writable_bytes(std::span(place, size)));
  if (*count > 0) return 1;
  BIO_set_retry_read(bio);  // the rest arrives some other time
  return 0;
}

int bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) {
  BIO_clear_retry_flags(bio);
  *count = 0;
  if (!transport_of(bio).write(std::as_bytes(std::span(bytes, size)))) return 0;
  *count = size;
  return 1;
}

long bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "clearline");
  CLEARLINE_ASSERT(method != nullptr);
  BIO_meth_set_read_ex(method, bio_read);
  BIO_meth_set_write_ex(method, bio_write);
  BIO_meth_set_ctrl(method, bio_control);
  return method;
}

const BIO_METHOD* method() {
  static BIO_METHOD* const instance = make_method();
  return instance;
}

}  // namespace

TlsTransport::TlsTransport() : bio_(BIO_new(method())) {
  CLEARLINE_ASSERT(bio_ != nullptr);
  BIO_set_data(bio_.get(), this);
  BIO_set_init(bio_.get(), 1);
}

TlsTransport::~TlsTransport() = default;

TlsTransport::Lease::Lease(TlsTransport& transport, std::span<const std::byte> input, std::string& output)
    : transport_(transport) {
  CLEARLINE_ASSERT(transport_.output_ == nullptr);
  transport_.input_ = input;
  transport_.output_ = &output;
}

TlsTransport::Lease::~Lease() {
  transport_.input_ = {};
  transport_.output_ = nullptr;
}

bio_st* TlsTransport::new_reference() const {
  BIO_up_ref(bio_.get());
  return bio_.get();
}

std::size_t TlsTransport::read(std::span<std::byte> place) {
  const std::size_t count = std::min(place.size(), input_.size());
  if (count > 0) std::memcpy(place.data(), input_.data(), count);
  input_ = input_.subspan(count);
  return count;
}

bool TlsTransport::write(std::span<const std::byte> bytes) {
  if (output_ == nullptr) return false;
  output_->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return true;
}

}  // namespace clearline::net
