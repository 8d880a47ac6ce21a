#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace tollgate::server {

/// Notices that one of some files is another than before: written, or another renamed over it.
/// Looks are cheap (one stat() a file), so it polls, which also works where inotify does not
/// (network file systems, mounted secrets that are links to links).
class FileWatch {
 public:
  /// Files to watch from now on. One that was watched before keeps its last look, so that no change
  /// between the two is missed.
  void set(std::vector<std::string> paths);

  /// Whether any has changed since the last look or set().
  bool changed();

 private:
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;
    int64_t modified_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp_of(const std::string& path);

  std::vector<std::string> paths_;
  std::vector<Stamp> stamps_;
};

}  // namespace tollgate::server
