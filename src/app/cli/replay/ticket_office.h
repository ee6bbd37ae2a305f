// Signs agents in and fetches their tickets, on a thread of its own: an HTTP request may wait for a server that is just
// being started again, and the loop must not.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/cli/replay/agent_accounts.h"
#include "app/cli/replay/clients.h"
#include "app/cli/replay/server_url.h"
#include "net/loop.h"

namespace clearline::app::replay {

class TicketOffice final : public TicketSource {
 public:
  // Agent i signs in with account i, or i modulo their number.
  TicketOffice(net::Loop& loop, ServerUrl server, std::vector<AgentAccount> accounts);
  // Waits for the request under way; answers that are still to come are dropped with the loop's tasks.
  ~TicketOffice();
  TicketOffice(const TicketOffice&) = delete;
  TicketOffice& operator=(const TicketOffice&) = delete;

  void get_ticket(std::size_t agent, Done done) override;

 private:
  struct Request {
    std::size_t agent = 0;
    Done done;
  };

  void work();
  Result<std::string> fetch(std::size_t agent);
  Result<std::string> sign_in(std::size_t agent);

  net::Loop& loop_;
  const ServerUrl server_;
  const std::vector<AgentAccount> accounts_;
  std::vector<std::string> cookies_;  // of the thread: one session for each agent

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Request> requests_;  // guarded by mutex_; at most one for each agent
  bool stopping_ = false;         // guarded by mutex_
  std::thread thread_;            // last: it uses the rest
};

}  // namespace clearline::app::replay
