// What a translation costs: a request of Claude Code to each dialect, and an event of each
// dialect's stream to the client's.

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/claude_code_request.hpp"
#include "bench/in_memory_host.hpp"
#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/bedrock_converse/dialect.hpp"
#include "dialects/gemini_generate/dialect.hpp"
#include "dialects/openai_chat/dialect.hpp"
#include "dialects/openai_responses/dialect.hpp"

namespace {

using tollgate::dialects::Dialect;
using tollgate::dialects::Translation;
using Events = std::vector<tollgate::model::StreamEvent>;

constexpr size_t kRequestBytes = 60'000;
constexpr int kDeltas = 2'000;
constexpr const char* kText = "and then the second file was read and changed";

/// One event of a stream: what the frame names it, and its data.
struct Frame {
  std::string name;
  std::string data;
};

struct Spoken {
  const char* name;
  const Dialect& dialect;
  const char* model;
  std::vector<Frame> begin;
  Frame delta;
};

std::string with_text(const std::string& before, const std::string& after) {
  return before + kText + after;
}

const std::vector<Spoken>& upstreams() {
  using namespace tollgate::dialects;
  static const std::vector<Spoken> all = {
      {"openai_chat",
       openai_chat::dialect(),
       "gpt-4.1",
       {},
       {"", with_text(R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,)"
                      R"("model":"gpt-4.1","service_tier":"default","system_fingerprint":"fp_1",)"
                      R"("choices":[{"index":0,"delta":{"content":")",
                      R"("},"logprobs":null,"finish_reason":null}],"usage":null})")}},
      {"openai_responses",
       openai_responses::dialect(),
       "gpt-5.6-terra",
       {{"", R"({"type":"response.created","response":{"id":"resp_1","model":"gpt-5.6-terra"}})"},
        {"", R"({"type":"response.output_item.added","output_index":0,)"
             R"("item":{"id":"msg_1","type":"message","content":[]}})"}},
       {"", with_text(R"({"type":"response.output_text.delta","sequence_number":4,)"
                      R"("item_id":"msg_1","output_index":0,"content_index":0,"delta":")",
                      R"(","logprobs":[]})")}},
      {"gemini_generate",
       gemini_generate::dialect(),
       "gemini-3.6-flash",
       {},
       {"", with_text(R"({"candidates":[{"content":{"parts":[{"text":")",
                      R"("}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":100,)"
                      R"("candidatesTokenCount":8,"totalTokenCount":108},)"
                      R"("modelVersion":"gemini-3.6-flash","responseId":"r"})")}},
      {"bedrock_converse",
       bedrock_converse::dialect(),
       "us.amazon.nova-2-lite-v1:0",
       {{"messageStart", R"({"role":"assistant","p":"abc"})"}},
       {"contentBlockDelta",
        with_text(R"({"contentBlockIndex":0,"delta":{"text":")", R"("},"p":"abcdefgh"})")}},
      {"anthropic_messages",
       anthropic_messages::dialect(),
       "claude-sonnet-4-5",
       {{"message_start",
         R"({"type":"message_start","message":{"id":"m","type":"message","role":"assistant",)"
         R"("model":"x","content":[],"usage":{"input_tokens":1,"output_tokens":1}}})"},
        {"content_block_start",
         R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"}},
       {"content_block_delta",
        with_text(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
                  R"("text":")",
                  R"("}})")}},
  };
  return all;
}

/// CPU time of this thread: a busy machine stretches the time on the wall, not this.
double cpu_s() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

Translation translation_to(const Spoken& upstream) {
  Translation translation;
  translation.requested_model = "coding";
  translation.target_model = upstream.model;
  translation.target = "account/model";
  return translation;
}

/// Reading the client's body and writing the upstream's, as an exchange does it: with a parser that
/// is kept, over padded memory.
void translate_request(benchmark::State& state, const Spoken& upstream) {
  std::string memory = tollgate::bench::claude_code_request("claude", true, kRequestBytes);
  const size_t size = memory.size();
  memory.append(tollgate::json::kPadding, '\0');
  const std::string_view body = std::string_view(memory).substr(0, size);
  tollgate::json::Document document;
  for (auto _ : state) {
    const auto root = document.parse_padded(body);
    if (!root.ok()) {
      state.SkipWithError("the request is no JSON");
      return;
    }
    auto request =
        tollgate::dialects::anthropic_messages::dialect().decode_parsed(root.value(), body);
    Translation translation = translation_to(upstream);
    std::string out;
    out.reserve(size + size / 8);
    if (!request.ok() || !upstream.dialect.encode_request(request.value(), translation, out).ok()) {
      state.SkipWithError("the request was refused");
      return;
    }
    benchmark::DoNotOptimize(out);
  }
  state.SetBytesProcessed(static_cast<int64_t>(body.size()) * state.iterations());
}

/// Events of text, from the upstream's data to the client's bytes; an item is one of them.
void translate_event(benchmark::State& state, const Spoken& upstream) {
  for (auto _ : state) {
    Translation translation = translation_to(upstream);
    const auto decoder = upstream.dialect.new_stream_decoder(translation);
    const auto encoder =
        tollgate::dialects::anthropic_messages::dialect().new_stream_encoder(translation);
    Events events;
    std::string out;
    const auto take = [&](const Frame& frame) {
      events.clear();
      bool ok = decoder->on_event(frame.name, frame.data, events).ok();
      for (const auto& event : events)
        ok = ok && encoder->on_event(event, out).ok();
      return ok;
    };
    bool ok = true;
    for (const Frame& frame : upstream.begin)
      ok = ok && take(frame);
    ok = ok && take(upstream.delta);
    const double start = cpu_s();
    for (int i = 0; i < kDeltas; ++i) {
      out.clear();
      ok = ok && take(upstream.delta);
    }
    state.SetIterationTime(cpu_s() - start);
    if (!ok || out.find(kText) == std::string::npos) {
      state.SkipWithError("the event was lost");
      return;
    }
  }
  state.SetItemsProcessed(state.iterations() * kDeltas);
}

/// Everything of a translated exchange, from create to free; beside exchange_whole.
void exchange_whole_translated(benchmark::State& state) {
  constexpr int kEvents = 50;
  tollgate::bench::InMemoryHost host(kRequestBytes, tollgate::bench::Upstream::kChat);
  for (auto _ : state) {
    host.request();
    host.begin_answer();
    for (int i = 0; i < kEvents; ++i)
      host.event();
    host.finish();
  }
}
BENCHMARK(exchange_whole_translated);

const bool kRegistered = [] {
  for (const Spoken& upstream : upstreams()) {
    benchmark::RegisterBenchmark(
        ("translate_request/" + std::string(upstream.name)).c_str(),
        [&upstream](benchmark::State& state) { translate_request(state, upstream); });
    benchmark::RegisterBenchmark(
        ("translate_event/" + std::string(upstream.name)).c_str(),
        [&upstream](benchmark::State& state) { translate_event(state, upstream); })
        ->UseManualTime();
  }
  return true;
}();

}  // namespace
