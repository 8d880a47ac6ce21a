#include "file_watch.hpp"

#include <algorithm>
#include <sys/stat.h>

namespace tollgate::server {

void FileWatch::set(std::vector<std::string> paths) {
  std::vector<Stamp> stamps;
  for (const std::string& path : paths) {
    const auto known = std::find(paths_.begin(), paths_.end(), path);
    stamps.push_back(known == paths_.end() ? stamp_of(path)
                                           : stamps_[static_cast<size_t>(known - paths_.begin())]);
  }
  paths_ = std::move(paths);
  stamps_ = std::move(stamps);
}

bool FileWatch::changed() {
  bool any = false;
  for (size_t i = 0; i < paths_.size(); ++i) {
    const Stamp stamp = stamp_of(paths_[i]);
    // A file that is away is about to be replaced; its successor is the change.
    if (stamp.size < 0 || stamp == stamps_[i]) continue;
    stamps_[i] = stamp;
    any = true;
  }
  return any;
}

FileWatch::Stamp FileWatch::stamp_of(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, found.st_size,
          static_cast<int64_t>(found.st_mtim.tv_sec) * 1'000'000'000 + found.st_mtim.tv_nsec};
}

}  // namespace tollgate::server
