#include "hub/hub.h"

#include <algorithm>

#include "base/result.h"

namespace clearline::hub {

ReadNumber Hub::watch(Member member, ConversationId conversation) {
  const bus::Topic topic = bus::conversation_topic(conversation);
  if (find(member, topic) == nullptr) add(member, topic);
  Subscriber& subscriber = *find(member, topic);
  // What was noted stays noted: events may have been dropped for this member since the store was last read.
  subscriber.noted = std::max(subscriber.noted, subscriber.cursor);
  subscriber.cursor = not_synced;
  subscriber.read = ++last_read_;
  return subscriber.read;
}

bool Hub::synced(Member member, ConversationId conversation, ReadNumber read, Seq up_to) {
  Subscriber* subscriber = find(member, bus::conversation_topic(conversation));
  if (subscriber == nullptr || subscriber->read != read) return true;
  if (subscriber->noted > up_to) return false;
  subscriber->cursor = up_to;
  return true;
}

bool Hub::awaits(Member member, ConversationId conversation, ReadNumber read) const {
  const Subscriber* subscriber = find(member, bus::conversation_topic(conversation));
  return subscriber != nullptr && subscriber->read == read && subscriber->cursor == not_synced;
}

void Hub::unwatch(Member member, ConversationId conversation) {
  remove(member, bus::conversation_topic(conversation));
}

bool Hub::watches(Member member, ConversationId conversation) const {
  return find(member, bus::conversation_topic(conversation)) != nullptr;
}

std::size_t Hub::watched_count(Member member) const {
  const auto found = members_.find(member);
  if (found == members_.end()) return 0;
  return static_cast<std::size_t>(std::ranges::count(found->second, bus::TopicKind::conversation, &bus::Topic::kind));
}

void Hub::join(Member member, bus::Topic topic) {
  if (find(member, topic) == nullptr) add(member, topic);
}

void Hub::drop(Member member) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  const std::vector<bus::Topic> topics = std::move(found->second);
  members_.erase(found);
  for (const bus::Topic topic : topics) remove(member, topic);
}

void Hub::deliver(const bus::Messages& messages) {
  CLEARLINE_ASSERT(!delivering_);
  delivering_ = true;
  for (const bus::Message& message : messages) {
    if (message.replaces_key != 0) continue;  // the shell collects these and sends the newest
    const auto found = topics_.find(message.topic);
    if (found == topics_.end()) {
      if (message.reply) output_.reply(message.except, *message.reply);
      continue;
    }
    if (message.seq != 0) {
      deliver_event(message, found->second);
    } else {
      deliver_signal(message, found->second);
    }
  }
  delivering_ = false;
}

void Hub::deliver_event(const bus::Message& message, Subscribers& subscribers) {
  for (Subscriber& subscriber : subscribers) deliver_to(subscriber, message);
  // Behind the loop: whoever sent it has by now been sent all that comes before it.
  if (message.reply) output_.reply(message.except, *message.reply);
}

void Hub::deliver_to(Subscriber& subscriber, const bus::Message& message) {
  if (subscriber.cursor == not_synced) {
    subscriber.noted = std::max(subscriber.noted, message.seq);
    return;
  }
  if (message.seq <= subscriber.cursor) return;
  if (message.seq != subscriber.cursor + 1) {
    const Seq after = subscriber.cursor;
    subscriber.cursor = not_synced;
    subscriber.noted = message.seq;
    subscriber.read = ++last_read_;
    return output_.repair(subscriber.member, ConversationId{message.topic.id}, subscriber.read, after);
  }
  subscriber.cursor = message.seq;
  if (subscriber.member != message.except) output_.send(subscriber.member, message.payload);
}

void Hub::deliver_signal(const bus::Message& message, const Subscribers& subscribers) {
  for (const Subscriber& subscriber : subscribers)
    if (subscriber.member != message.except) output_.send(subscriber.member, message.payload);
}

Hub::Subscriber* Hub::find(Member member, bus::Topic topic) {
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return nullptr;
  const auto subscriber = std::ranges::find(found->second, member, &Subscriber::member);
  return subscriber == found->second.end() ? nullptr : &*subscriber;
}

const Hub::Subscriber* Hub::find(Member member, bus::Topic topic) const {
  return const_cast<Hub*>(this)->find(member, topic);
}

void Hub::add(Member member, bus::Topic topic) {
  CLEARLINE_ASSERT(!delivering_ && member != 0);
  topics_[topic].push_back({member});
  members_[member].push_back(topic);
}

void Hub::remove(Member member, bus::Topic topic) {
  CLEARLINE_ASSERT(!delivering_);
  if (const auto found = topics_.find(topic); found != topics_.end()) {
    std::erase_if(found->second, [member](const Subscriber& subscriber) { return subscriber.member == member; });
    if (found->second.empty()) topics_.erase(found);
  }
  if (const auto found = members_.find(member); found != members_.end()) {
    std::erase(found->second, topic);
    if (found->second.empty()) members_.erase(found);
  }
}

}  // namespace clearline::hub
