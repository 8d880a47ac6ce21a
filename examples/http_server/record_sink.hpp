#pragma once

// Where records go: a file, or stdout. A record that cannot be written is counted and reported, and
// never fails the request it is about.

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "http_head.hpp"

namespace tollgate::server {

class RecordSink {
 public:
  RecordSink() = default;
  RecordSink(const RecordSink&) = delete;
  RecordSink& operator=(const RecordSink&) = delete;
  ~RecordSink();

  /// Opens a file for appending; "-" is stdout, empty is nowhere. Called again with the same path
  /// it opens the file anew, so that a rotated one can be moved away. On failure says why and keeps
  /// what it had.
  bool open(const std::string& path, std::string& reason);

  /// Appends one line, with one write() so that lines never mix.
  void write(std::string_view record);

 private:
  void report_failure(int error);

  std::mutex mutex_;
  int fd_ = -1;
  bool owned_ = false;
  uint64_t failed_ = 0;
  int64_t reported_ms_ = 0;
};

/// The record of a request that was refused before it became an exchange: the fields of a usual
/// record that have a meaning for it.
std::string refusal_record(std::string_view request_id, int64_t wall_ms, std::string_view address,
                           const Refusal& refusal);

}  // namespace tollgate::server
