#pragma once

#include <string>
#include <string_view>

namespace tollgate::sqlite_driver {

/// This process by a name that no other one ever has on this machine: the machine's boot, the
/// namespace of process numbers, the number and when the process began.
std::string this_process();

enum class Life {
  kRuns,
  kGone,
  kUnknown  ///< In another container: its processes cannot be seen from here.
};

Life life_of(std::string_view process);

}  // namespace tollgate::sqlite_driver
