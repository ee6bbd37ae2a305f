// libwebsockets, for comparison: one thread, text validated. A message is kept until the library says that it can be
// written, since it writes from that callback only, one message a time.
#include <libwebsockets.h>

#include <cstdio>
#include <cstring>
#include <deque>
#include <new>
#include <vector>

namespace {

struct Message {
  std::vector<unsigned char> bytes = std::vector<unsigned char>(LWS_PRE);
  bool binary = false;
};

struct Session {
  Message incoming;
  std::deque<Message> outgoing;
};

void receive(lws* wsi, Session& session, const void* bytes, std::size_t size) {
  const auto* first = static_cast<const unsigned char*>(bytes);
  session.incoming.bytes.insert(session.incoming.bytes.end(), first, first + size);
  if (lws_is_final_fragment(wsi) == 0 || lws_remaining_packet_payload(wsi) != 0) return;
  session.incoming.binary = lws_frame_is_binary(wsi) != 0;
  session.outgoing.push_back(std::move(session.incoming));
  session.incoming = {};
  lws_callback_on_writable(wsi);
}

int write(lws* wsi, Session& session) {
  if (session.outgoing.empty()) return 0;
  Message& message = session.outgoing.front();
  const std::size_t size = message.bytes.size() - LWS_PRE;
  const auto kind = message.binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
  if (lws_write(wsi, message.bytes.data() + LWS_PRE, size, kind) < static_cast<int>(size)) return -1;
  session.outgoing.pop_front();
  if (!session.outgoing.empty()) lws_callback_on_writable(wsi);
  return 0;
}

int on_event(lws* wsi, lws_callback_reasons reason, void* user, void* bytes, std::size_t size) {
  auto* session = static_cast<Session*>(user);
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
      new (session) Session;
      return 0;
    case LWS_CALLBACK_CLOSED:
      session->~Session();
      return 0;
    case LWS_CALLBACK_RECEIVE:
      receive(wsi, *session, bytes, size);
      return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return write(wsi, *session);
    default:
      return 0;
  }
}

}  // namespace

int main() {
  lws_set_log_level(LLL_ERR, nullptr);
  const lws_protocols protocols[] = {{"echo", on_event, sizeof(Session), 65536, 0, nullptr, 0},
                                     {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
  lws_context_creation_info info{};
  info.port = 0;
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  info.pt_serv_buf_size = 65536;
  info.options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  lws_context* context = lws_create_context(&info);
  lws_vhost* vhost = context == nullptr ? nullptr : lws_create_vhost(context, &info);
  if (vhost == nullptr) {
    std::fprintf(stderr, "lws_echo: cannot listen on 127.0.0.1\n");
    return 1;
  }
  std::printf("listening on 127.0.0.1:%d\n", lws_get_vhost_listen_port(vhost));
  std::fflush(stdout);
  while (lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
}
