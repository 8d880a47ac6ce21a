#include "host.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "bytes.hpp"

namespace tollgate::server {

namespace {

constexpr size_t kSecretFileBytesMax = 1024 * 1024;

void random_bytes(void* out, size_t size) {
  auto* to = static_cast<uint8_t*>(out);
  while (size > 0) {
    const ssize_t got = getrandom(to, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      log_line("the kernel gives no randomness");
      std::_Exit(1);
    }
    to += got;
    size -= static_cast<size_t>(got);
  }
}

int32_t look_up(int32_t kind, tg_bytes name, tg_bytes* value, void* user) {
  auto& state = *static_cast<LookupState*>(user);
  const std::string key(to_view(name));
  if (kind == TG_REFERENCE_ENV) {
    const char* found = std::getenv(key.c_str());
    if (found == nullptr) return 0;
    state.value = found;
  } else if (kind == TG_REFERENCE_FILE) {
    std::string reason;
    if (std::find(state.files.begin(), state.files.end(), key) == state.files.end()) {
      state.files.push_back(key);
    }
    auto text = read_file(key, kSecretFileBytesMax, reason);
    if (!text) return 0;
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
    state.value = std::move(*text);
  } else {
    return 0;
  }
  *value = to_bytes(state.value);
  return 1;
}

}  // namespace

tg_time now() {
  timespec mono{};
  timespec wall{};
  clock_gettime(CLOCK_MONOTONIC, &mono);
  clock_gettime(CLOCK_REALTIME, &wall);
  return {static_cast<uint64_t>(mono.tv_sec) * 1'000'000'000U + static_cast<uint64_t>(mono.tv_nsec),
          static_cast<int64_t>(wall.tv_sec) * 1000 + wall.tv_nsec / 1'000'000};
}

uint64_t random_u64() {
  uint64_t value = 0;
  random_bytes(&value, sizeof value);
  return value;
}

std::string random_token(std::string_view prefix) {
  static constexpr std::string_view kAlphabet =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string token(prefix);
  token += '_';
  // 43 letters of 62 hold 256 bits. Bytes of 248 and above are drawn again: they would favour the
  // first eight letters.
  for (int letters = 0; letters < 43;) {
    uint8_t drawn[64];
    random_bytes(drawn, sizeof drawn);
    for (size_t i = 0; i < sizeof drawn && letters < 43; ++i) {
      if (drawn[i] >= 248) continue;
      token += kAlphabet[drawn[i] % kAlphabet.size()];
      ++letters;
    }
  }
  return token;
}

std::string random_request_id() {
  uint8_t drawn[12];
  random_bytes(drawn, sizeof drawn);
  std::string id = "req_";
  for (const uint8_t byte : drawn) {
    id += "0123456789abcdef"[byte >> 4U];
    id += "0123456789abcdef"[byte & 15U];
  }
  return id;
}

std::optional<std::string> read_file(const std::string& path, size_t bytes_max,
                                     std::string& reason) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    reason = std::strerror(errno);
    return std::nullopt;
  }
  std::string text;
  char piece[64 * 1024];
  ssize_t got = 0;
  while ((got = read(fd, piece, sizeof piece)) != 0) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      reason = std::strerror(errno);
      close(fd);
      return std::nullopt;
    }
    text.append(piece, static_cast<size_t>(got));
    if (text.size() > bytes_max) {
      reason = "larger than " + std::to_string(bytes_max) + " bytes";
      close(fd);
      return std::nullopt;
    }
  }
  close(fd);
  return text;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = write(fd, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    text.remove_prefix(static_cast<size_t>(put));
  }
  return true;
}

void log_line(std::string_view text) {
  const std::time_t seconds = std::time(nullptr);
  tm local{};
  localtime_r(&seconds, &local);
  char clock[16];
  std::strftime(clock, sizeof clock, "%H:%M:%S", &local);
  std::string line = std::string(clock) + " tollgate: ";
  line.append(text);
  line += '\n';
  // Nobody is left to tell when stderr is closed.
  static_cast<void>(write_all(STDERR_FILENO, line));
}

tg_gateway_options gateway_options(std::string_view config_name, LookupState& lookup_state) {
  tg_gateway_options options = TG_GATEWAY_OPTIONS_INIT;
  options.config_name = to_bytes(config_name);
  options.seed_high = random_u64();
  options.seed_low = random_u64();
  options.lookup = look_up;
  options.lookup_user = &lookup_state;
  return options;
}

}  // namespace tollgate::server
