// How often the library asks for memory. A time depends on the machine; this does not.

#include "bench/in_memory_host.hpp"
#include "json/allocation_count.hpp"
#include "support/catch.hpp"

using tollgate::bench::InMemoryHost;
using tollgate::test::allocation_count;

namespace {

// Room above what is needed today (see docs/internals/performance.md), so that the bounds speak up
// when something begins to copy per header, per block or per event, not at every changed line.
constexpr size_t kRequestSideMax = 36;
constexpr size_t kWholeExchangeMax = 120;

}  // namespace

TEST_CASE("an exchange in memory goes from head to record", "[bench]") {
  InMemoryHost host(60'000);
  host.request();
  CHECK(host.seen().upstream_headers > 5);
  // The account's prefix goes, the dated name comes: the body's size says that it was spliced.
  constexpr std::string_view kAsked = "anthropic-main/claude-sonnet-4-5";
  constexpr std::string_view kSent = "claude-sonnet-4-5-20250929";
  CHECK(host.seen().upstream_body_bytes == host.request_bytes() - kAsked.size() + kSent.size());
  host.begin_answer();
  CHECK(host.seen().client_status == 200);
  const uint64_t before = host.seen().client_bytes;
  host.event();
  CHECK(host.seen().client_bytes == before + host.event_bytes());
  host.finish();
  CHECK(host.seen().record_bytes > 500);
  CHECK(host.seen().done);
}

TEST_CASE("a translated exchange in memory goes from head to record", "[bench]") {
  InMemoryHost host(60'000, tollgate::bench::Upstream::kChat);
  host.request();
  CHECK(host.seen().upstream_body_bytes > 40'000);
  host.begin_answer();
  CHECK(host.seen().client_status == 200);
  const uint64_t before = host.seen().client_bytes;
  host.event();
  CHECK(host.seen().client_bytes > before + 100);
  host.finish();
  CHECK(host.seen().record_bytes > 500);
  CHECK(host.seen().done);
}

TEST_CASE("allocations of an exchange are bounded", "[bench]") {
  InMemoryHost host(60'000);
  const auto whole = [&host] {
    host.request();
    host.begin_answer();
    host.finish();
  };
  whole();  // Parsers and tables are made once.

  const size_t start = allocation_count();
  host.request();
  const size_t request_side = allocation_count() - start;
  host.begin_answer();
  host.finish();
  const size_t all = allocation_count() - start;
  CAPTURE(request_side, all);
  CHECK(request_side > 0);
  CHECK(request_side <= kRequestSideMax);
  CHECK(all <= kWholeExchangeMax);

  SECTION("and do not grow with the body") {
    InMemoryHost large(600'000);
    large.request();
    large.begin_answer();
    large.finish();
    const size_t before = allocation_count();
    large.request();
    CHECK(allocation_count() - before <= kRequestSideMax);
    large.begin_answer();
    large.finish();
  }
}

TEST_CASE("an event of text allocates nothing", "[bench]") {
  InMemoryHost host(60'000);
  host.request();
  host.begin_answer();
  host.event();  // The buffers for the client's bytes are made here.
  host.event();
  const size_t before = allocation_count();
  for (int i = 0; i < 1000; ++i)
    host.event();
  CHECK(allocation_count() - before == 0);
  host.finish();
}
