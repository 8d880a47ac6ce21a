#include "server_process.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace tollgate::test {

namespace {

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_all(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  });
  return out;
}

/// Runs in the child: only what is safe after fork().
[[noreturn]] void run_program(const std::string& folder, std::vector<char*>& words,
                              std::vector<char*>& environment, rlim_t descriptors_max) {
  if (chdir(folder.c_str()) != 0) _exit(126);
  const rlimit limit{descriptors_max, descriptors_max};
  if (descriptors_max > 0 && setrlimit(RLIMIT_NOFILE, &limit) != 0) _exit(126);
  const int out = open("stdout", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  const int err = open("stderr", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  execve(TOLLGATE_PROGRAM, words.data(), environment.data());
  _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

std::string test_config(int upstream_port, std::string_view server) {
  return "type: tollgate-server\n" + std::string(server) +
         "\n---\n"
         "type: provider-account/anthropic\n"
         "name: main\n"
         "base_url: http://127.0.0.1:" +
         std::to_string(upstream_port) +
         "\n"
         "auth_data: {type: api-key, api_key: \"${UPSTREAM_KEY}\"}\n"
         "integrations:\n"
         "  - {name: claude-test, model_id: claude-test, type: integration/model/anthropic, "
         "model_types: [chat]}\n"
         "---\n"
         "type: user\n"
         "name: dev\n"
         "tokens: [{env: DEV_TOKEN}]\n";
}

ServerProcess::ServerProcess(const std::string& config, const std::vector<std::string>& arguments,
                             const std::vector<std::string>& environment, const std::string& listen,
                             rlim_t descriptors_max) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tollgate-XXXXXX").string();
  folder_ = mkdtemp(pattern.data());
  std::vector<std::string> words = {TOLLGATE_PROGRAM, "serve", "--listen", listen};
  if (!config.empty()) {
    write_all(path("config.yaml"), config);
    words.insert(words.end(), {"--config", "config.yaml"});
  }
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = {"PATH=/usr/bin:/bin", "DEV_TOKEN=" + std::string(kToken),
                                        "UPSTREAM_KEY=" + std::string(kUpstreamKey)};
  variables.insert(variables.end(), environment.begin(), environment.end());
  auto word_pointers = pointers(words);
  auto variable_pointers = pointers(variables);
  pid_ = fork();
  if (pid_ == 0) run_program(folder_, word_pointers, variable_pointers, descriptors_max);

  constexpr std::string_view kMark = "export ANTHROPIC_BASE_URL=";
  for (int i = 0; i < 1000 && exit_code_ < 0; ++i) {
    const std::string text = out();
    const size_t mark = text.find(kMark);
    const size_t end = text.find('\n', mark);
    if (mark != std::string::npos && end != std::string::npos) {
      const size_t colon = text.rfind(':', end);
      port_ = std::atoi(text.c_str() + colon + 1);
      return;
    }
    wait(milliseconds(20));
  }
}

ServerProcess::~ServerProcess() {
  if (exit_code_ < 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string ServerProcess::out() const {
  return file("stdout");
}
std::string ServerProcess::err() const {
  return file("stderr");
}
std::string ServerProcess::file(std::string_view name) const {
  return read_all(path(name));
}

bool ServerProcess::file_has(std::string_view name, std::string_view text,
                             milliseconds patience) const {
  const auto last = std::chrono::steady_clock::now() + patience;
  while (file(name).find(text) == std::string::npos) {
    if (std::chrono::steady_clock::now() > last) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

void ServerProcess::signal(int number) const {
  kill(pid_, number);
}

int ServerProcess::wait(milliseconds patience) {
  const auto last = std::chrono::steady_clock::now() + patience;
  while (exit_code_ < 0) {
    int state = 0;
    if (waitpid(pid_, &state, WNOHANG) == pid_) {
      exit_code_ = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    } else if (std::chrono::steady_clock::now() > last) {
      break;
    } else {
      std::this_thread::sleep_for(milliseconds(5));
    }
  }
  return exit_code_;
}

size_t ServerProcess::resident_bytes() const {
  std::istringstream text(read_all("/proc/" + std::to_string(pid_) + "/statm"));
  size_t total = 0;
  size_t resident = 0;
  text >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

std::string Reply::header(std::string_view name) const {
  const std::string wanted = "\n" + lower(name) + ": ";
  const std::string fields = lower(head);
  const size_t at = fields.find(wanted);
  if (at == std::string::npos) return {};
  const size_t begin = at + wanted.size();
  return head.substr(begin, head.find('\r', begin) - begin);
}

Client::Client(int port, SSL_CTX* tls) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close();
    return;
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls == nullptr) return;
  tls_ = SSL_new(tls);
  SSL_set_fd(tls_, fd_);
  if (SSL_connect(tls_) != 1) close();
}

Client::~Client() {
  close();
}

void Client::close() {
  if (tls_ != nullptr) SSL_free(tls_);
  tls_ = nullptr;
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  ended_ = true;
}

void Client::discard(milliseconds patience) {
  receive(std::chrono::steady_clock::now() + patience);
  buffer_.clear();
}

void Client::half_close() {
  shutdown(fd_, SHUT_WR);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty() && fd_ >= 0) {
    const ssize_t put = tls_ != nullptr
                            ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                            : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return fd_ >= 0;
}

bool Client::receive(std::chrono::steady_clock::time_point deadline) {
  if (ended_ || fd_ < 0) return false;
  if (tls_ == nullptr || SSL_pending(tls_) == 0) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{fd_, POLLIN, 0};
    if (poll(&entry, 1, static_cast<int>(std::max<int64_t>(left.count(), 0))) <= 0) return false;
  }
  char piece[16 * 1024];
  const ssize_t got =
      tls_ != nullptr ? SSL_read(tls_, piece, sizeof piece) : recv(fd_, piece, sizeof piece, 0);
  if (got <= 0) {
    ended_ = true;
    return false;
  }
  buffer_.append(piece, static_cast<size_t>(got));
  return true;
}

std::string Client::read_until(std::string_view text, milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (buffer_.find(text) == std::string::npos && receive(deadline)) {
  }
  return buffer_;
}

bool Client::ended(milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (receive(deadline)) {
  }
  return ended_;
}

Reply Client::read(milliseconds patience, bool to_head) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  Reply reply;
  while (buffer_.find("\r\n\r\n") == std::string::npos) {
    if (!receive(deadline)) return reply;
  }
  const size_t head_size = buffer_.find("\r\n\r\n") + 4;
  reply.head = buffer_.substr(0, head_size);
  buffer_.erase(0, head_size);
  reply.status = std::atoi(reply.head.c_str() + 9);
  if (to_head || reply.status == 100) {
    reply.whole = true;
    return reply;
  }
  if (lower(reply.header("transfer-encoding")) == "chunked") {
    while (true) {
      const size_t line = buffer_.find("\r\n");
      if (line == std::string::npos) {
        if (!receive(deadline)) return reply;
        continue;
      }
      const size_t size = std::strtoull(buffer_.c_str(), nullptr, 16);
      if (buffer_.size() < line + 2 + size + 2) {
        if (!receive(deadline)) return reply;
        continue;
      }
      reply.body += buffer_.substr(line + 2, size);
      buffer_.erase(0, line + 2 + size + 2);
      if (size == 0) break;
    }
    reply.whole = true;
    return reply;
  }
  const std::string length = reply.header("content-length");
  if (length.empty()) {
    while (receive(deadline)) {
    }
    reply.body.swap(buffer_);
    reply.whole = ended_;
    return reply;
  }
  const size_t size = std::strtoull(length.c_str(), nullptr, 10);
  while (buffer_.size() < size) {
    if (!receive(deadline)) break;
  }
  reply.body = buffer_.substr(0, size);
  reply.whole = reply.body.size() == size;
  buffer_.erase(0, size);
  return reply;
}

std::string message_request(std::string_view body, std::string_view fields) {
  return "POST /v1/messages HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer " +
         std::string(kToken) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

std::string message_body(bool stream) {
  return std::string(R"({"model":"claude-test","max_tokens":100,"messages":[{"role":"user",)") +
         R"("content":"canary-prompt-3"}])" + (stream ? R"(,"stream":true})" : "}");
}

std::string stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
         "Request-Id: req_up\r\nTransfer-Encoding: chunked\r\n\r\n";
}

std::string chunk(std::string_view bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

std::string event(std::string_view name, std::string_view rest) {
  return "event: " + std::string(name) + "\ndata: {\"type\":\"" + std::string(name) + "\"" +
         std::string(rest) + "}\n\n";
}

std::string stream_beginning() {
  return event("message_start",
               R"(,"message":{"id":"msg_1","type":"message","role":"assistant",)"
               R"("model":"claude-test","content":[],"stop_reason":null,"stop_sequence":null,)"
               R"("usage":{"input_tokens":10,"output_tokens":1}})") +
         event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
         event("content_block_delta", R"(,"index":0,"delta":{"type":"text_delta","text":"first"})");
}

std::string stream_ending() {
  return event("content_block_stop", R"(,"index":0)") +
         event("message_delta", R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},)"
                                R"("usage":{"output_tokens":5})") +
         event("message_stop");
}

}  // namespace tollgate::test
