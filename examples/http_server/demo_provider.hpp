#pragma once

#include <memory>

namespace tollgate::server {

/// An Anthropic-like provider inside the process, on a loopback port of its own, so that the demo
/// configuration is served over the same road as any other.
class DemoProvider {
 public:
  DemoProvider();
  DemoProvider(const DemoProvider&) = delete;
  DemoProvider& operator=(const DemoProvider&) = delete;
  ~DemoProvider();

  /// Listens on a free port and gives it; 0 when there is none.
  int start();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace tollgate::server
