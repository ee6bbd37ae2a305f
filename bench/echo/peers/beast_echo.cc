// Boost.Beast at its best, for comparison: callbacks, one thread, a bare socket without timers, one buffer a
// connection, no fragmentation. Text is validated, as by every server here.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdio>
#include <memory>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(Socket socket) : stream_(std::move(socket)) {}

  void start() {
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true));
    stream_.auto_fragment(false);
    stream_.read_message_max(std::size_t{64} << 20);
    stream_.async_accept([self = shared_from_this()](beast::error_code error) {
      if (!error) self->read();
    });
  }

 private:
  void read() {
    stream_.async_read(buffer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->write();
    });
  }
  void write() {
    stream_.text(stream_.got_text());
    stream_.async_write(buffer_.data(), [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return;
      self->buffer_.consume(self->buffer_.size());
      self->read();
    });
  }

  beast::websocket::stream<Socket> stream_;
  beast::flat_buffer buffer_;
};

void accept(Acceptor& acceptor) {
  acceptor.async_accept([&acceptor](beast::error_code error, Socket socket) {
    if (!error) std::make_shared<Session>(std::move(socket))->start();
    accept(acceptor);
  });
}

}  // namespace

int main() {
  asio::io_context context(1);
  Acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  acceptor.listen(4096);
  std::printf("listening on 127.0.0.1:%u\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept(acceptor);
  context.run();
}
