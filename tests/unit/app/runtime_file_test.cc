#include "app/runtime_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "temporary_directory.h"

namespace clearline::app {
namespace {

namespace fs = std::filesystem;

class RuntimeFileTest : public ::testing::Test {
 protected:
  [[nodiscard]] Result<RuntimeInfo> find() const { return find_runtime(info_.port, {directory_}); }

  // A process that has registered and then waits; returns when the file is there.
  [[nodiscard]] pid_t start_server() const {
    int ready[2];
    if (::pipe(ready) != 0) return -1;
    const pid_t child = ::fork();
    if (child == 0) {
      const auto file = RuntimeFile::create(info_, directory_);
      const char byte = file ? 'y' : 'n';
      if (::write(ready[1], &byte, 1) == 1) ::pause();
      ::_exit(0);
    }
    ::close(ready[1]);
    char byte = 0;
    const bool registered = ::read(ready[0], &byte, 1) == 1 && byte == 'y';
    ::close(ready[0]);
    return registered ? child : -1;
  }

  TemporaryDirectory temporary_;
  fs::path directory_ = temporary_.path() / "runtime";
  RuntimeInfo info_{::getpid(), 18080, "127.0.0.1", "/srv/\"chat\" \xE4\xBD\xA0", WallTime{1763812345678}};
};

TEST_F(RuntimeFileTest, IsFoundWhileItsServerLives) {
  {
    const auto file = RuntimeFile::create(info_, directory_);
    ASSERT_TRUE(file) << file.error().message;
    const auto found = find();
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(*found, info_);
    struct stat status {};
    ASSERT_EQ(::stat(file->path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u);
    ASSERT_EQ(::stat(directory_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
  }
  EXPECT_EQ(find().error().code, ErrorCode::not_found);
  EXPECT_TRUE(fs::is_empty(directory_)) << "nothing stays behind";
}

TEST_F(RuntimeFileTest, OfAKilledServerIsStaleAndIsReplaced) {
  const pid_t server = start_server();
  ASSERT_GT(server, 0);
  EXPECT_TRUE(find());
  const auto second = RuntimeFile::create(info_, directory_);
  ASSERT_FALSE(second) << "the port belongs to the other process";
  EXPECT_EQ(second.error().code, ErrorCode::already_exists);

  ASSERT_EQ(::kill(server, SIGKILL), 0);
  ASSERT_EQ(::waitpid(server, nullptr, 0), server);
  EXPECT_TRUE(fs::exists(directory_ / "18080.json"));
  EXPECT_EQ(find().error().code, ErrorCode::not_found);

  const auto next = RuntimeFile::create(info_, directory_);
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_TRUE(find());
}

TEST_F(RuntimeFileTest, MovesWithItsLock) {
  std::optional<RuntimeFile> kept;
  {
    auto file = RuntimeFile::create(info_, directory_);
    ASSERT_TRUE(file);
    kept = std::move(*file);
  }
  EXPECT_TRUE(find());
}

TEST_F(RuntimeFileTest, IsNotBelievedInADirectoryOpenToOthers) {
  {
    const auto file = RuntimeFile::create(info_, directory_);
    ASSERT_TRUE(file);
    ASSERT_EQ(::chmod(directory_.c_str(), 0770), 0);
    const auto found = find();
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message.find("open to other users (mode 770"), std::string::npos) << found.error().message;
  }
  EXPECT_EQ(RuntimeFile::create(info_, directory_).error().code, ErrorCode::forbidden);
}

TEST_F(RuntimeFileTest, NeedsADirectory) {
  std::ofstream(directory_) << "a file";
  EXPECT_EQ(RuntimeFile::create(info_, directory_).error().code, ErrorCode::forbidden);
  fs::remove(directory_);
  fs::create_directory_symlink(temporary_.path(), directory_);
  EXPECT_EQ(RuntimeFile::create(info_, directory_).error().code, ErrorCode::forbidden);
}

TEST_F(RuntimeFileTest, ThatIsNonsenseIsNamed) {
  const auto file = RuntimeFile::create(info_, directory_);
  ASSERT_TRUE(file);
  for (const char* content : {"", "{", "[]", "{\"pid\":1}",
                              "{\"pid\":1,\"port\":70000,\"address\":\"\",\"data_dir\":\"\",\"started_at\":1}"}) {
    std::ofstream(file->path()) << content;
    EXPECT_EQ(find().error().code, ErrorCode::corrupt) << content;
  }
}

}  // namespace
}  // namespace clearline::app
