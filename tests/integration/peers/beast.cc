// An echo server on Boost.Beast, as its examples have it: what `clearline inspect` is tried on.
// Usage: beast_echo MESSAGE_BYTES_MAX
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using beast::error_code;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(tcp::socket&& socket) : stream_(std::move(socket)) {}

  void run(std::uint64_t message_bytes_max) {
    stream_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    websocket::permessage_deflate deflate;
    deflate.server_enable = true;
    stream_.set_option(deflate);
    stream_.read_message_max(static_cast<std::size_t>(message_bytes_max));
    stream_.async_accept([self = shared_from_this()](error_code error) {
      if (!error) self->read();
    });
  }

 private:
  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](error_code error, std::size_t) {
      if (!error) self->echo();
    });
  }

  void echo() {
    stream_.text(stream_.got_text());
    stream_.async_write(buffer_.data(), [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return;
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }

  websocket::stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
};

void accept(tcp::acceptor& acceptor, std::uint64_t message_bytes_max) {
  acceptor.async_accept([&acceptor, message_bytes_max](error_code error, tcp::socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket))->run(message_bytes_max);
    accept(acceptor, message_bytes_max);
  });
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t message_bytes_max = 0;
  if (argc != 2 || std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), message_bytes_max).ec != std::errc() ||
      message_bytes_max == 0) {
    std::fprintf(stderr, "Usage: beast_echo MESSAGE_BYTES_MAX\n");
    return 2;
  }
  asio::io_context context(1);
  tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), 0});
  std::printf("listening on 127.0.0.1:%d\n", static_cast<int>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  accept(acceptor, message_bytes_max);
  context.run();
  return 0;
}
