#include "record_sink.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host.hpp"
#include "json.hpp"

namespace tollgate::server {

namespace {

constexpr int64_t kReportEveryMs = 60'000;
/// Records name people and may hold prompts: they are for the server's own account.
constexpr mode_t kFileMode = 0600;

}  // namespace

RecordSink::~RecordSink() {
  if (owned_) close(fd_);
}

bool RecordSink::open(const std::string& path, std::string& reason) {
  int fd = -1;
  if (path == "-") {
    fd = STDOUT_FILENO;
  } else if (!path.empty()) {
    fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kFileMode);
    if (fd < 0) {
      reason = path + ": " + std::strerror(errno);
      return false;
    }
  }
  const std::lock_guard lock(mutex_);
  if (owned_) close(fd_);
  fd_ = fd;
  owned_ = fd > STDOUT_FILENO;
  return true;
}

void RecordSink::write(std::string_view record) {
  const std::lock_guard lock(mutex_);
  if (fd_ < 0) return;
  char line_break = '\n';
  std::array<iovec, 2> pieces{
      {{const_cast<char*>(record.data()), record.size()}, {&line_break, 1}}};
  ssize_t put = writev(fd_, pieces.data(), 2);
  while (put < 0 && errno == EINTR)
    put = writev(fd_, pieces.data(), 2);
  if (put < 0) {
    report_failure(errno);
  } else if (static_cast<size_t>(put) < record.size() + 1) {
    // A full disk or a pipe took a part of it; the rest follows or the line stays torn.
    const auto taken = static_cast<size_t>(put);
    if (!write_all(fd_, record.substr(std::min(taken, record.size()))) || !write_all(fd_, "\n")) {
      report_failure(errno);
    }
  }
}

void RecordSink::report_failure(int error) {
  ++failed_;
  const int64_t wall_ms = now().wall_ms;
  if (wall_ms - reported_ms_ < kReportEveryMs) return;
  reported_ms_ = wall_ms;
  log_line(std::to_string(failed_) + " records could not be written: " + std::strerror(error));
}

std::string refusal_record(std::string_view request_id, int64_t wall_ms, std::string_view address,
                           const Refusal& refusal) {
  std::array<char, 40> time{};
  const std::time_t seconds = wall_ms / 1000;
  tm parts{};
  gmtime_r(&seconds, &parts);
  const size_t end = std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(time.data() + end, time.size() - end, ".%03dZ", static_cast<int>(wall_ms % 1000));

  std::string record = R"({"request_id":)";
  append_json_string(record, request_id);
  record += R"(,"time":)";
  append_json_string(record, time.data());
  record += R"(,"operation":"other","client_address":)";
  append_json_string(record, address);
  record += R"(,"principal":"anonymous","model":"","target":"","status":)";
  record += std::to_string(refusal.status);
  record += R"(,"stream":false,"outcome":"refused","failure":)";
  append_json_string(record, refusal.reason);
  record += R"(,"usage":null,"cost_nano_usd":null,"attempts":[]})";
  return record;
}

}  // namespace tollgate::server
