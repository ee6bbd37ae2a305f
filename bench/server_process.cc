#include "server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace clearline::bench {

namespace {

std::string make_temporary_directory() {
  std::string path = (std::filesystem::temp_directory_path() / "clearline-bench-XXXXXX").string();
  CLEARLINE_ASSERT(mkdtemp(path.data()) != nullptr);
  return path;
}

// Reads until the line with the address. What comes behind it is dropped.
Result<std::uint16_t> read_port(int fd) {
  constexpr std::string_view marker = "listening on http://127.0.0.1:";
  std::string text;
  for (char buffer[512];;) {
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got <= 0) return fail(ErrorCode::io, "the server ended before it listened; it said: " + text);
    text.append(buffer, static_cast<std::size_t>(got));
    const std::size_t at = text.find(marker);
    if (at == std::string::npos || text.find('\n', at) == std::string::npos) continue;
    std::uint16_t port = 0;
    const char* digits = text.data() + at + marker.size();
    std::from_chars(digits, text.data() + text.size(), port);
    return port;
  }
}

}  // namespace

Result<std::unique_ptr<ServerProcess>> ServerProcess::start(const std::string& program,
                                                            const std::vector<std::string>& arguments) {
  std::unique_ptr<ServerProcess> server(new ServerProcess);
  server->data_ = make_temporary_directory();
  std::vector<std::string> words = {program,       "serve",  "--port", "0", "--data", server->data_.string(),
                                    "--log-level", "warning"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) return fail(ErrorCode::io, "pipe2 failed");
  const auto started = std::chrono::steady_clock::now();
  server->pid_ = fork();
  if (server->pid_ == 0) {
    dup2(pipe_fds[1], STDOUT_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(pipe_fds[1]);
  auto port = read_port(pipe_fds[0]);
  server->start_ms_ = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  // Left open: the server may still write to it.
  if (!port) return tl::unexpected<Error>(port.error().at(program));
  server->port_ = *port;
  return server;
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(data_, ignored);
}

double ServerProcess::cpu_ms() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 2));  // the name may hold spaces
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1000.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::int64_t ServerProcess::resident_bytes() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/statm");
  std::int64_t size = 0;
  std::int64_t resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace clearline::bench
