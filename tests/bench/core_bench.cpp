// What the library costs without sockets: whole exchanges through the C API, and its parts.

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <string>

#include <benchmark/benchmark.h>

#include "base/sha256.hpp"
#include "bench/claude_code_request.hpp"
#include "bench/in_memory_host.hpp"
#include "dialects/anthropic_messages/request_peek.hpp"
#include "json/allocation_count.hpp"
#include "json/reader.hpp"
#include "json/scanner.hpp"
#include "json/splice.hpp"
#include "record/record.hpp"
#include "router/plan.hpp"
#include "router/routes.hpp"

namespace {

using tollgate::bench::InMemoryHost;

constexpr size_t kRequestBytes = 60'000;
constexpr int kEvents = 50;

/// CPU time of this thread: a busy machine stretches the time on the wall, not this.
double cpu_s() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

/// What reading that clock twice takes by itself, half a microsecond: the median of many.
double clock_cost_s() {
  std::array<double, 1001> costs{};
  for (double& cost : costs) {
    const double start = cpu_s();
    cost = cpu_s() - start;
  }
  std::nth_element(costs.begin(), costs.begin() + costs.size() / 2, costs.end());
  return costs[costs.size() / 2];
}

/// CPU time since `start`, without the clock's own.
double cpu_s_since(double start) {
  static const double clock = clock_cost_s();
  return std::max(cpu_s() - start - clock, 0.0);
}

/// From the head to UPSTREAM_OPEN: credential, policy, splice. What follows is not timed.
void exchange_request_side(benchmark::State& state) {
  InMemoryHost host(static_cast<size_t>(state.range(0)));
  size_t allocations = 0;
  for (auto _ : state) {
    const size_t before = tollgate::test::allocation_count();
    const double start = cpu_s();
    host.request();
    state.SetIterationTime(cpu_s_since(start));
    allocations += tollgate::test::allocation_count() - before;
    host.begin_answer();
    host.finish();
  }
  state.SetBytesProcessed(static_cast<int64_t>(host.request_bytes()) * state.iterations());
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations), benchmark::Counter::kAvgIterations);
}
BENCHMARK(exchange_request_side)->Arg(2'000)->Arg(60'000)->Arg(200'000)->UseManualTime();

/// Fifty events, fed one by one; the time is that of one event.
void exchange_event(benchmark::State& state) {
  InMemoryHost host(kRequestBytes);
  size_t allocations = 0;
  for (auto _ : state) {
    host.request();
    host.begin_answer();
    const size_t before = tollgate::test::allocation_count();
    const double start = cpu_s();
    for (int i = 0; i < kEvents; ++i)
      host.event();
    state.SetIterationTime(cpu_s_since(start) / kEvents);
    allocations += tollgate::test::allocation_count() - before;
    host.finish();
  }
  state.SetBytesProcessed(static_cast<int64_t>(host.event_bytes()) * state.iterations());
  state.counters["allocations"] = benchmark::Counter(static_cast<double>(allocations) / kEvents,
                                                     benchmark::Counter::kAvgIterations);
}
// By its own short time it would ask for millions of exchanges.
BENCHMARK(exchange_event)->UseManualTime()->Iterations(20'000);

/// Everything, from create to free.
void exchange_whole(benchmark::State& state) {
  InMemoryHost host(kRequestBytes);
  const size_t before = tollgate::test::allocation_count();
  for (auto _ : state) {
    host.request();
    host.begin_answer();
    for (int i = 0; i < kEvents; ++i)
      host.event();
    host.finish();
  }
  const size_t allocations = tollgate::test::allocation_count() - before;
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations), benchmark::Counter::kAvgIterations);
}
BENCHMARK(exchange_whole);

void json_scanner(benchmark::State& state) {
  const std::string body = tollgate::bench::claude_code_request("claude", true, kRequestBytes);
  for (auto _ : state) {
    tollgate::json::Scanner scanner(body);
    scanner.skip_value();
    benchmark::DoNotOptimize(scanner.at());
  }
  state.SetBytesProcessed(static_cast<int64_t>(body.size()) * state.iterations());
}
BENCHMARK(json_scanner);

void json_parse(benchmark::State& state) {
  std::string body = tollgate::bench::claude_code_request("claude", true, kRequestBytes);
  const size_t size = body.size();
  body.append(tollgate::json::kPadding, ' ');
  tollgate::json::Document document;
  for (auto _ : state) {
    auto value = document.parse_padded(std::string_view(body).substr(0, size));
    benchmark::DoNotOptimize(value);
  }
  state.SetBytesProcessed(static_cast<int64_t>(size) * state.iterations());
}
BENCHMARK(json_parse);

/// Parsing, all keys of depth 1, what routing needs, and the place of the model's name.
void request_peek(benchmark::State& state) {
  std::string body = tollgate::bench::claude_code_request("claude", true, kRequestBytes);
  const size_t size = body.size();
  body.append(tollgate::json::kPadding, ' ');
  tollgate::json::Document document;
  for (auto _ : state) {
    auto peeked = tollgate::dialects::anthropic_messages::peek_request(
        document, std::string_view(body).substr(0, size), tollgate::dialects::Operation::kGenerate);
    benchmark::DoNotOptimize(peeked);
  }
  state.SetBytesProcessed(static_cast<int64_t>(size) * state.iterations());
}
BENCHMARK(request_peek);

/// The last member of the body, so the whole text is stepped over.
void json_find_span(benchmark::State& state) {
  const std::string body = tollgate::bench::claude_code_request("claude", true, kRequestBytes);
  for (auto _ : state) {
    auto span = tollgate::json::find_span(body, {"stream"});
    benchmark::DoNotOptimize(span);
  }
  state.SetBytesProcessed(static_cast<int64_t>(body.size()) * state.iterations());
}
BENCHMARK(json_find_span);

void credential_sha256(benchmark::State& state) {
  const std::string token = "tg_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
  for (auto _ : state) {
    auto digest = tollgate::sha256(token);
    benchmark::DoNotOptimize(digest);
  }
}
BENCHMARK(credential_sha256);

/// 1,000 virtual models with 20 targets each, some of them with a history.
struct ManyRoutes {
  tollgate::router::Routes routes;
  tollgate::router::State state;
  tollgate::Time now{1'000'000'000'000, 1'795'000'000'000};

  explicit ManyRoutes(tollgate::router::Strategy strategy) {
    std::vector<tollgate::router::VirtualModel> models(1'000);
    for (size_t i = 0; i < models.size(); ++i) {
      models[i].bare = "claude-" + std::to_string(i);
      models[i].name = "coding/" + models[i].bare;
      models[i].routing.strategy = strategy;
      models[i].routing.targets.resize(20);
      for (size_t j = 0; j < 20; ++j) {
        tollgate::router::RouteTarget& target = models[i].routing.targets[j];
        target.target.name = "account-" + std::to_string(j) + "/model-" + std::to_string(i);
        target.weight = 5;
        target.priority = static_cast<uint32_t>(j / 4);
      }
    }
    routes = tollgate::router::Routes::build(std::move(models), {});
    for (const tollgate::router::VirtualModel& model : routes.models()) {
      for (size_t j = 0; j < 20; j += 2) {
        tollgate::router::TargetReport served;
        served.outcome = tollgate::router::Outcome::kServed;
        served.opened_ns = now.mono_ns;
        served.first_token_ns = (j + 1) * 100'000'000;
        served.output_token_ns = (j + 1) * 1'000'000;
        if (j % 4 == 0) served.outcome = tollgate::router::Outcome::kFailed;
        state.health.report(model.routing.targets[j].key,
                            tollgate::router::EndpointClass::kMessages, served, now);
      }
    }
  }
};

/// From a model's name to the first target: find the route, look at health and pins, plan.
void route_plan_and_select(benchmark::State& state) {
  const ManyRoutes many(static_cast<tollgate::router::Strategy>(state.range(0)));
  const tollgate::model::RequestFacts facts;
  const tollgate::model::Metadata metadata;
  const std::vector<bool> denied(20);
  uint64_t number = 0;
  for (auto _ : state) {
    const std::string& name = many.routes.models()[number % 1'000].name;
    const auto& routing = many.routes.models()[many.routes.find(name)].routing;
    const tollgate::router::PlanRequest request{.facts = facts,
                                                .metadata = metadata,
                                                .conversation = ++number,
                                                .caller = number,
                                                .draw = number,
                                                .now = many.now};
    const uint64_t pin = tollgate::router::pin_key(routing, request);
    const auto around = tollgate::router::look_around(many.state, routing, pin, request);
    auto plan = tollgate::router::plan(routing, request, around, denied);
    benchmark::DoNotOptimize(plan);
  }
}
BENCHMARK(route_plan_and_select)
    ->Arg(static_cast<int>(tollgate::router::Strategy::kWeight))
    ->Arg(static_cast<int>(tollgate::router::Strategy::kPriority))
    ->Arg(static_cast<int>(tollgate::router::Strategy::kLatency));

void record_to_json(benchmark::State& state) {
  tollgate::record::Record record;
  record.request_id = "req_0123456789abcdefghijkl";
  record.decision_id = "dec_0123456789abcdefghijkl";
  record.wall_ms = 1'795'000'000'000;
  record.operation = "messages";
  record.method = "POST";
  record.path = "/v1/messages";
  record.principal = "user:dev-1@corp.example";
  record.teams = {"everyone", "platform"};
  record.model = record.target = "anthropic-main/claude-sonnet-4-5";
  record.upstream_model = "claude-sonnet-4-5-20250929";
  record.status = 200;
  record.stream = true;
  record.usage.emplace();
  record.attempts.push_back({"anthropic-main/claude-sonnet-4-5", 200, 2'000'000'000, {}});
  record.steps = {{"model", "allowed", {}}, {"access", "allowed", {}}};
  record.outcome = "ok";
  record.stop_reason = "end_turn";
  record.user_agent = "claude-cli/2.0.0 (external, cli)";
  record.timings = {1'000'000, 1'100'000, 300'000'000, 310'000'000, 2'000'000'000};
  for (auto _ : state) {
    std::string text = tollgate::record::to_json(record);
    benchmark::DoNotOptimize(text);
  }
}
BENCHMARK(record_to_json);

}  // namespace

BENCHMARK_MAIN();
