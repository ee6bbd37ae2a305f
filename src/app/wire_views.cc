#include "app/wire_views.h"

namespace clearline::app {

std::string_view event_kind_name(chat::EventKind kind) {
  switch (kind) {
    case chat::EventKind::message:
      return "message";
    case chat::EventKind::closed:
      return "closed";
    case chat::EventKind::reopened:
      return "reopened";
  }
  return "message";
}

wire::SenderRole sender_role(chat::Role role) {
  return role == chat::Role::visitor ? wire::SenderRole::visitor : wire::SenderRole::agent;
}

wire::SenderView sender_view(const chat::Sender& sender, const DirectorySnapshot& directory) {
  wire::SenderView view{sender_role(sender.role), sender.id, {}};
  if (sender.role == chat::Role::agent)
    if (const chat::Agent* agent = directory.agent(AgentId{sender.id})) view.name = agent->display_name;
  return view;
}

wire::EventView event_view(const chat::Event& event, const DirectorySnapshot& directory) {
  return {event.seq,
          event.at,
          event_kind_name(event.kind),
          sender_view(event.from, directory),
          event.client_id ? &*event.client_id : nullptr,
          event.text};
}

wire::SummaryView summary_view(const chat::Conversation& conversation, const DirectorySnapshot& directory,
                               const Presence& presence) {
  wire::SummaryView view;
  view.conv = conversation.id;
  if (const chat::Site* site = directory.site(conversation.site)) view.site = site->key;
  view.version = conversation.version;
  view.open = conversation.status == chat::ConversationStatus::open;
  view.created_at = conversation.created_at;
  view.visitor = conversation.visitor;
  view.visitor_online = presence.visitor_online(conversation.visitor);
  view.last_seq = conversation.last_seq;
  view.last_at = conversation.last_at;
  if (conversation.last) {
    view.last_role = sender_role(conversation.last->role);
    view.last_text = conversation.last->text;
  }
  view.unread = conversation.unread;
  view.waiting_since = conversation.waiting_since;
  view.visitor_delivered = conversation.visitor_cursor.delivered;
  view.visitor_seen = conversation.visitor_cursor.seen;
  view.agents_delivered = conversation.agents_cursor.delivered;
  view.agents_seen = conversation.agents_cursor.seen;
  return view;
}

}  // namespace clearline::app
