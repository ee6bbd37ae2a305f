#include "app/data_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "temporary_directory.h"

namespace clearline::app {
namespace {

namespace fs = std::filesystem;

class DataDirectory : public ::testing::Test {
 protected:
  DataDirectory() { environment_.working_directory = temporary_.path(); }

  void touch(const fs::path& name) {
    fs::create_directories((temporary_.path() / name).parent_path());
    std::ofstream(temporary_.path() / name) << "x";
  }

  TemporaryDirectory temporary_;
  DataDirectoryEnvironment environment_;
};

TEST_F(DataDirectory, IsWhatTheVariableSays) {
  touch("var/clearline.db");
  environment_.home = "/home/ada";
  environment_.clearline_data = "/srv/chat";
  EXPECT_EQ(default_data_directory(environment_).value(), "/srv/chat");
  environment_.clearline_data = "here";
  EXPECT_EQ(default_data_directory(environment_).value(), temporary_.path() / "here");
}

TEST_F(DataDirectory, IsVarWhereADatabaseIsThere) {
  environment_.home = "/home/ada";
  touch("var/clearline.db");
  EXPECT_EQ(default_data_directory(environment_).value(), temporary_.path() / "var");
}

TEST_F(DataDirectory, IsVarInTheSourceTree) {
  environment_.home = "/home/ada";
  touch("CMakeLists.txt");
  touch("src/registry/registry.json");
  EXPECT_EQ(default_data_directory(environment_).value(), temporary_.path() / "var");
}

TEST_F(DataDirectory, IsNeverTheVarOfTheMachine) {
  environment_.working_directory = "/";
  environment_.home = "/home/ada";
  EXPECT_EQ(default_data_directory(environment_).value(), "/home/ada/.local/share/clearline");
}

TEST_F(DataDirectory, IsTheUsersOtherwise) {
  touch("var/something");
  environment_.home = "/home/ada";
  EXPECT_EQ(default_data_directory(environment_).value(), "/home/ada/.local/share/clearline");
  environment_.xdg_data_home = "relative/is/ignored";
  EXPECT_EQ(default_data_directory(environment_).value(), "/home/ada/.local/share/clearline");
  environment_.xdg_data_home = "/home/ada/data";
  EXPECT_EQ(default_data_directory(environment_).value(), "/home/ada/data/clearline");
}

TEST_F(DataDirectory, IsAnErrorWithoutAnyHome) {
  EXPECT_EQ(default_data_directory(environment_).error().code, ErrorCode::not_found);
}

TEST_F(DataDirectory, IsMadeForThisUserAlone) {
  const fs::path directory = temporary_.path() / "a/b";
  ASSERT_TRUE(create_data_directory(directory));
  ASSERT_TRUE(create_data_directory(directory)) << "again is fine";
  struct stat status {};
  ASSERT_EQ(::stat(directory.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(DataDirectory, CannotBeAFile) {
  touch("file");
  const auto made = create_data_directory(temporary_.path() / "file");
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("not a directory"), std::string::npos) << made.error().message;
  EXPECT_FALSE(create_data_directory(temporary_.path() / "file/below"));
}

}  // namespace
}  // namespace clearline::app
