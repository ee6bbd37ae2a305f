// Who watches what on one shard, and the fan-out. Bound to the shard's thread; knows connections only by number.
//
// A subscription to a conversation carries a cursor: the seq up to which its connection has been sent everything.
// So each watcher gets every event exactly once and in order, whatever the bus drops, repeats or delivers early:
//
//   syncing   the store is being read for it; live events are only noted
//   live      the event cursor + 1 is sent, older ones are dropped, a newer one starts a repair from the store
//
// Reads overlap: a client may watch anew before the first read is back. Each read has a number, and only the newest one
// makes the subscription live, or the pages of a later read would come behind live events that they do not contain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "bus/bus.h"

namespace clearline::hub {

// A connection's number on its shard; 0 is none.
using Member = std::uint64_t;
// A read of the store for one subscription; a later one makes it stale.
using ReadNumber = std::uint64_t;

// What the hub needs of the shell. Called on the shard's thread; must not subscribe, unsubscribe or drop members from
// within: what is being iterated would change (the hub asserts it).
class Output {
 public:
  // The same payload goes to several members in a row: frame it once.
  virtual void send(Member member, const std::shared_ptr<const std::string>& payload) = 0;
  // The answer to a command of this member alone; the member may be another shard's, or gone.
  virtual void reply(Member member, const std::string& payload) = 0;
  // Events after `after` are missing for this member: read them from the store, then call Hub::synced().
  virtual void repair(Member member, ConversationId conversation, ReadNumber read, Seq after) = 0;

 protected:
  ~Output() = default;
};

class Hub {
 public:
  explicit Hub(Output& output) : output_(output) {}
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // Starts watching in state syncing: call it before the store is read. Watching again starts anew.
  ReadNumber watch(Member member, ConversationId conversation);
  // The store was read and the member has been sent everything up to `up_to`. True: it is live, or this read is none of
  // its business any more (it stopped watching, or watched anew). False: newer events were noted meanwhile; read again
  // from `up_to` and call this again.
  [[nodiscard]] bool synced(Member member, ConversationId conversation, ReadNumber read, Seq up_to);
  // Whether this read is the one that the subscription waits for.
  [[nodiscard]] bool awaits(Member member, ConversationId conversation, ReadNumber read) const;
  void unwatch(Member member, ConversationId conversation);
  [[nodiscard]] bool watches(Member member, ConversationId conversation) const;
  [[nodiscard]] std::size_t watched_count(Member member) const;

  // Topics without seq: a site's agents, a site's visitors.
  void join(Member member, bus::Topic topic);
  [[nodiscard]] bool has_members(bus::Topic topic) const { return topics_.contains(topic); }

  // The member's connection ended.
  void drop(Member member);

  void deliver(const bus::Messages& messages);

  [[nodiscard]] std::size_t topic_count() const { return topics_.size(); }
  [[nodiscard]] std::size_t member_count() const { return members_.size(); }

 private:
  static constexpr Seq not_synced = -1;

  struct Subscriber {
    Member member = 0;
    Seq cursor = not_synced;
    Seq noted = 0;        // highest seq seen while syncing
    ReadNumber read = 0;  // the newest read of the store; the one that counts while syncing
  };
  using Subscribers = std::vector<Subscriber>;

  Subscriber* find(Member member, bus::Topic topic);
  const Subscriber* find(Member member, bus::Topic topic) const;
  void add(Member member, bus::Topic topic);
  void remove(Member member, bus::Topic topic);
  void deliver_event(const bus::Message& message, Subscribers& subscribers);
  void deliver_to(Subscriber& subscriber, const bus::Message& message);
  void deliver_signal(const bus::Message& message, const Subscribers& subscribers);

  Output& output_;
  std::unordered_map<bus::Topic, Subscribers> topics_;
  std::unordered_map<Member, std::vector<bus::Topic>> members_;
  ReadNumber last_read_ = 0;
  bool delivering_ = false;
};

}  // namespace clearline::hub
