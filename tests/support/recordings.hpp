#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::test {

/// Recorded third-party traffic is not part of the project: it is read from TOLLGATE_RECORDINGS, or
/// from shared/recordings beside the source tree.
inline std::filesystem::path recordings_folder() {
  if (const char* named = std::getenv("TOLLGATE_RECORDINGS")) return named;
  return std::filesystem::path(TOLLGATE_SOURCE_DIR).parent_path() / "shared" / "recordings";
}

/// Files of a folder of recordings with this ending, sorted; empty, with a printed line, when they
/// are not there.
inline std::vector<std::filesystem::path> recordings(std::string_view folder,
                                                     std::string_view ending) {
  std::vector<std::filesystem::path> found;
  std::error_code error;
  const std::filesystem::path where = recordings_folder() / folder;
  for (const auto& entry : std::filesystem::directory_iterator(where, error)) {
    if (entry.path().filename().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) {
    std::printf("skipped: no recordings (*%.*s) in %s\n", static_cast<int>(ending.size()),
                ending.data(), where.c_str());
  }
  return found;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace tollgate::test
