#include "drivers/sqlite/process.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"

namespace tollgate::sqlite_driver {
namespace {

TEST_CASE("a process is told from one that is gone and from one elsewhere") {
  const std::string here = this_process();
  CHECK(life_of(here) == Life::kRuns);
  const size_t pid_at = here.rfind('/', here.rfind('/') - 1) + 1;
  const std::string place = here.substr(0, pid_at);
  CHECK(life_of(place + std::to_string(getpid()) + "/1") == Life::kGone);
  CHECK(life_of("other-boot/1/2/3") == Life::kUnknown);
  for (const char* odd : {"", "/", "x", "a/b", "//"})
    CHECK(life_of(odd) == Life::kUnknown);

  const pid_t child = fork();
  if (child == 0) _exit(0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(life_of(place + std::to_string(child) + "/1") == Life::kGone);
}

}  // namespace
}  // namespace tollgate::sqlite_driver
