#include "bench/client.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

#include "bench/claude_code_request.hpp"
#include "bench/http_text.hpp"

namespace tollgate::bench {
namespace {

constexpr std::string_view kMark = "\"t=";
constexpr size_t kMarkedBytes = 3 + 16;  // The mark and the time in hexadecimal.

}  // namespace

bool AnswerReader::feed(std::string_view bytes, uint64_t now_ns) {
  if (complete_) return bytes.empty();
  if (head_read_) {
    feed_body(bytes, now_ns);
    return true;
  }
  head_ += bytes;
  const size_t end = head_.find("\r\n\r\n");
  if (end == std::string::npos) return head_.size() < 64 * 1024;
  const std::string body = head_.substr(end + 4);
  head_.resize(end + 2);
  if (!read_head()) return false;
  feed_body(body, now_ns);
  return true;
}

bool AnswerReader::read_head() {
  if (!head_.starts_with("HTTP/1.1 ")) return false;
  status_ = static_cast<uint32_t>(number(std::string_view(head_).substr(9)).value_or(0));
  chunked_ = field(head_, "transfer-encoding:") == "chunked";
  encoded_ = !field(head_, "content-encoding:").empty();
  body_left_ = number(field(head_, "content-length:")).value_or(0);
  complete_ = !chunked_ && body_left_ == 0;
  head_read_ = true;
  return true;
}

void AnswerReader::feed_body(std::string_view bytes, uint64_t now_ns) {
  if (!chunked_) {
    body_left_ -= std::min<uint64_t>(body_left_, bytes.size());
    complete_ = body_left_ == 0;
    return;
  }
  find_times(bytes, now_ns);
  complete_ = tail_.ends_with("0\r\n\r\n") || bytes.ends_with("0\r\n\r\n");
}

void AnswerReader::find_times(std::string_view bytes, uint64_t now_ns) {
  tail_ += bytes;
  size_t from = 0;
  for (size_t at = tail_.find(kMark); at != std::string::npos; at = tail_.find(kMark, from)) {
    if (tail_.size() < at + kMarkedBytes) break;
    const auto made = number(std::string_view(tail_).substr(at + kMark.size(), 16), 16);
    if (made && *made <= now_ns) delays_.push_back(now_ns - *made);
    from = at + kMarkedBytes;
  }
  const size_t keep = tail_.size() > kMarkedBytes ? tail_.size() - kMarkedBytes + 1 : 0;
  tail_.erase(0, std::max(from, keep));
}

std::vector<uint64_t> AnswerReader::take_delays() {
  return std::exchange(delays_, {});
}

void AnswerReader::reset() {
  head_.clear();
  tail_.clear();
  head_read_ = chunked_ = encoded_ = complete_ = false;
  body_left_ = status_ = 0;
}

bool receive(Client& client) {
  static char buffer[256 * 1024];
  while (true) {
    const ssize_t got = recv(client.fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return would_block();
    if (got == 0) return false;
    const std::string_view bytes(buffer, static_cast<size_t>(got));
    if (!client.reader.feed(bytes, mono_ns())) return false;
    if (static_cast<size_t>(got) < sizeof buffer) return true;
  }
}

std::string whole_request(std::string_view model, bool stream, size_t body_bytes,
                          std::string_view token) {
  const std::string body = claude_code_request(model, stream, body_bytes);
  std::string request = "POST /v1/messages?beta=true HTTP/1.1\r\nhost: 127.0.0.1\r\n";
  for (const auto& [name, value] : claude_code_headers(token))
    request.append(name).append(": ").append(value).append("\r\n");
  return request + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

uint64_t open_streams(uint16_t mock_port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(mock_port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect to the mock upstream");
  }
  constexpr std::string_view kAsk = "GET /bench/open HTTP/1.1\r\nhost: mock\r\n\r\n";
  size_t sent = 0;
  if (!send_some(fd, kAsk, sent)) fail("send");
  std::string answer;
  char buffer[4096];
  while (answer.find('}') == std::string::npos) {
    const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) fail("the mock upstream's answer");
    answer.append(buffer, static_cast<size_t>(got));
  }
  close(fd);
  const size_t colon = answer.rfind(':');
  return number(std::string_view(answer).substr(colon + 1)).value_or(UINT64_MAX);
}

ProcessUse process_use(int pid) {
  ProcessUse use;
  if (pid <= 0) return use;
  const std::string folder = "/proc/" + std::to_string(pid);
  std::ifstream stat_file(folder + "/stat");
  const std::string stat((std::istreambuf_iterator<char>(stat_file)), {});
  // The program's name stands in parentheses and may hold blanks; user and system time are the
  // 12th and 13th field after it.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) fail("the server's process");
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  use.cpu_s = (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::ifstream status(folder + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) use.rss_kb = std::strtoull(line.c_str() + 6, nullptr, 10);
  }
  return use;
}

uint64_t quantile(std::vector<uint64_t>& values, double part) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<size_t>(part * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

}  // namespace tollgate::bench
