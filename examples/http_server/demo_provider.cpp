#include "demo_provider.hpp"

#include <chrono>
#include <thread>

#include <httplib.h>

#include "builtin_config.hpp"
#include "demo_answer.hpp"
#include "host.hpp"

namespace tollgate::server {

namespace {

constexpr size_t kThreads = 16;
/// Between two events: a stream then looks like one.
constexpr std::chrono::milliseconds kEventPause{12};
/// Bare, without a charset: cpp-httplib would compress anything it does not know by name.
constexpr const char* kEventStream = "text/event-stream";
constexpr const char* kJson = "application/json";

std::string fresh_id() {
  return random_request_id().substr(4);
}

void refuse(httplib::Response& response) {
  response.status = 400;
  response.set_content(
      R"({"type":"error","error":{"type":"invalid_request_error","message":"not a JSON object"}})",
      kJson);
}

void answer_messages(const httplib::Request& request, httplib::Response& response) {
  JsonDocument document;
  const JsonValue top = document.parse(request.body);
  if (!top.is(JsonValue::Kind::kObject)) {
    refuse(response);
    return;
  }
  const DemoAnswer answer = demo_answer(top, request.body.size());
  const std::string id = fresh_id();
  response.set_header("request-id", "req_demo_" + id);
  if (!answer.stream) {
    response.set_content(demo_json(answer, id), kJson);
    return;
  }
  auto events = std::make_shared<std::vector<std::string>>(demo_events(answer, id));
  auto next = std::make_shared<size_t>(0);
  response.set_chunked_content_provider(kEventStream,
                                        [events, next](size_t /*offset*/, httplib::DataSink& sink) {
                                          const std::string& event = (*events)[*next];
                                          if (*next > 0) std::this_thread::sleep_for(kEventPause);
                                          if (!sink.write(event.data(), event.size())) return false;
                                          if (++*next == events->size()) sink.done();
                                          return true;
                                        });
}

void count_tokens(const httplib::Request& request, httplib::Response& response) {
  response.set_content(
      R"({"input_tokens":)" + std::to_string(demo_tokens(request.body.size())) + "}", kJson);
}

void list_models(const httplib::Request& /*request*/, httplib::Response& response) {
  response.set_content(R"({"data":[{"type":"model","id":")" + std::string(kDemoModel) +
                           R"(","display_name":"Demo"}],"has_more":false})",
                       kJson);
}

}  // namespace

struct DemoProvider::Parts {
  httplib::Server server;
  std::thread thread;
};

DemoProvider::DemoProvider() : parts_(std::make_unique<Parts>()) {}

DemoProvider::~DemoProvider() {
  if (!parts_->thread.joinable()) return;
  parts_->server.stop();
  parts_->thread.join();
}

int DemoProvider::start() {
  httplib::Server& server = parts_->server;
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1);  // A kept connection would hold one of the few threads.
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.Post("/v1/messages", answer_messages);
  server.Post("/v1/messages/count_tokens", count_tokens);
  server.Get("/v1/models", list_models);
  const int port = server.bind_to_any_port("127.0.0.1");
  if (port <= 0) return 0;
  parts_->thread = std::thread([&server] { server.listen_after_bind(); });
  while (!server.is_running())
    std::this_thread::yield();
  return port;
}

}  // namespace tollgate::server
