#include "drivers/sqlite/process.hpp"

#include <array>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace tollgate::sqlite_driver {
namespace {

// Of /proc/PID/stat: the 22nd field, counted from behind the name in parentheses (the 3rd is
// first).
constexpr int kStartField = 22 - 3;

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Clock ticks from the machine's start to the process's; empty when there is no such process.
std::string start_of(const std::string& pid) {
  const std::string line = first_line("/proc/" + pid + "/stat");
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int i = 0; i <= kStartField; ++i)
    fields >> field;
  return field;
}

std::string place() {
  struct stat space = {};
  const bool known = stat("/proc/self/ns/pid", &space) == 0;
  return first_line("/proc/sys/kernel/random/boot_id") + "/" +
         std::to_string(known ? space.st_ino : 0);
}

}  // namespace

std::string this_process() {
  const std::string pid = std::to_string(getpid());
  return place() + "/" + pid + "/" + start_of(pid);
}

Life life_of(std::string_view process) {
  const std::string here = place();
  const size_t start_at = process.rfind('/');
  const size_t pid_at = start_at == 0 || start_at == std::string_view::npos
                            ? std::string_view::npos
                            : process.rfind('/', start_at - 1);
  if (pid_at == std::string_view::npos) return Life::kUnknown;
  if (process.substr(0, pid_at) != here) return Life::kUnknown;
  const std::string pid(process.substr(pid_at + 1, start_at - pid_at - 1));
  const std::string began = start_of(pid);
  return !began.empty() && began == process.substr(start_at + 1) ? Life::kRuns : Life::kGone;
}

}  // namespace tollgate::sqlite_driver
