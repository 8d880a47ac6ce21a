#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tollgate/action.h"

#include "base/status.hpp"
#include "base/time.hpp"
#include "config/configuration.hpp"
#include "dialects/dialect.hpp"
#include "exchange/action_queue.hpp"
#include "exchange/attempt.hpp"
#include "exchange/body_buffer.hpp"
#include "exchange/client_request.hpp"
#include "exchange/decision.hpp"
#include "exchange/environment.hpp"
#include "exchange/money.hpp"
#include "exchange/output_stage.hpp"
#include "exchange/selection.hpp"
#include "exchange/state.hpp"
#include "exchange/target_rooms.hpp"
#include "json/reader.hpp"
#include "json/splice.hpp"
#include "ledger/lease.hpp"
#include "model/request.hpp"
#include "record/record.hpp"

namespace tollgate::exchange {

struct ExchangeOptions {
  std::string request_id;
  std::string client_address;
  uint64_t timeout_ns = 0;
  uint64_t wake_token = 0;
  uint32_t attempts_max = 0;
  const model::Principal* principal = nullptr;  ///< Who calls, instead of a credential: for tests.
  std::optional<uint64_t> draw_seed = {};       ///< For tests: what all draws are made of.
  /// For tests: budgets by id, and what is booked in each as soon as this request meets it.
  std::vector<std::pair<std::string, int64_t>> spent = {};
  bool notifies = true;  ///< False in tests of a policy: nobody is told of budgets.
};

/// An alert that this exchange delivers.
struct AlertDelivery {
  Alert alert;
  ledger::Lease mark;
  uint64_t until_ns = 0;  ///< The mark must be safe by then.
  uint64_t look_ns = 0;
};

/// A call of the gateway itself that this exchange makes or waits for.
struct AuxiliaryState {
  std::string key;
  providers::AuxiliaryCall call;
  const providers::Account* account = nullptr;  ///< Whose credential; of the configuration.
  uint32_t calls_before = 0;                    ///< For the same credential.
  const identity::Issuer* issuer = nullptr;     ///< A call for its keys; of the configuration.
  const providers::Account* checked = nullptr;  ///< A health check of it; of the configuration.
  std::string ca_file;
  std::string proxy;
  uint32_t number = 0;  ///< 0: another exchange makes it.
  uint32_t status = 0;
  std::string body;
  tg_bytes span{};
  std::vector<tg_bytes> header_views;
  uint64_t deadline_ns = kNoDeadline;
};

/// Generating or counting, as dialects and providers call it.
dialects::Operation dialect_operation(Operation operation);

struct Passed;

/// What the last failed attempt would have the client told.
struct LastFailure {
  model::Failure failure;
  bool pass_through = false;  ///< The upstream's own answer goes out unchanged.
  bool definite = false;      ///< Another target would not help: this is the answer.
  bool own_fault = false;     ///< The gateway's host could not call; nothing is said of the target.
  uint32_t status = 0;
  wire::Headers head;
  std::string body;
  std::string detail;  ///< The host's own words; for the record only.
};

/// What a test says of an answer that it plays.
struct ScriptedAnswer {
  std::optional<uint64_t> first_token_ns;  ///< Since the attempt was opened.
  std::optional<int64_t> input_tokens;
  std::optional<int64_t> output_tokens;
};

/// One client request, from its head to its record. Events in, actions out; see
/// include/tollgate/exchange.h for the contract and state.hpp for the order of things.
class Exchange {
 public:
  Exchange(std::shared_ptr<Environment> environment,
           std::shared_ptr<const config::Configuration> configuration, ExchangeOptions options,
           Time now);
  /// Before kDone this is "client gone", and the record goes to the environment's abandoned ones.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // The client's events (exchange_client.cpp).
  Status client_head(std::string_view method, std::string_view target, const tg_bytes* headers,
                     uint32_t pair_count, Time now);
  Status body_room(size_t hint, uint8_t** data, size_t* capacity);
  Status client_body(std::string_view bytes, Time now);
  Status client_end(Time now);
  Status client_gone(Time now);
  Status client_blocked(Time now);
  Status client_unblocked(Time now);

  // The upstream's events (exchange_upstream.cpp).
  Status upstream_sent(uint32_t attempt, Time now);
  Status upstream_head(uint32_t attempt, uint32_t status, const tg_bytes* headers,
                       uint32_t pair_count, Time now);
  Status upstream_body(uint32_t attempt, std::string_view bytes, Time now);
  Status upstream_end(uint32_t attempt, Time now);
  Status upstream_failed(uint32_t attempt, int32_t failure, std::string_view detail, Time now);

  Status tick(Time now);

  int32_t next_kind() const { return actions_.front().kind; }
  void next_action(tg_action& action);
  State state() const { return state_; }
  const record::Record& record() const { return record_; }

  // For tests of a policy (exchange_scripted.cpp).
  /// "account/integration" of the open attempt; empty when there is none.
  std::string_view open_target() const;
  /// The open attempt has served, whatever its dialect; the answer has no content.
  Status serve_scripted(uint32_t attempt, const ScriptedAnswer& answer, Time now);

 private:
  enum class Phase : uint8_t { kNone, kHeadSent, kEnded };  ///< What the client has been given.

  /// Takes a transition; false (and nothing changes) when the table has none.
  bool step(Event event);
  void note_time(Time now);

  // exchange_identity.cpp: callers of an identity provider.
  bool identify_by_token();
  void ask_keys();
  Status take_keys(uint32_t status);

  // exchange_request.cpp: from a read request to an open attempt.
  void request_read();
  bool refuse_at_head();
  void decide_request();
  bool open_candidate(size_t index);
  void skip_candidate(Candidate& candidate, std::string reason, model::Failure failure);

  // exchange_check.cpp: whether upstreams answer at all.
  void check_upstreams();
  void answer_checks();
  void note_check(router::Outcome outcome);
  void check_answered(uint32_t status);

  // exchange_body.cpp: the body an attempt sends.
  Status build_body(const Candidate& candidate, const providers::CallContext& context,
                    RequestBody& body, std::unique_ptr<dialects::Translation>& made);
  Status pass_body(const Candidate& candidate, const providers::CallContext& context,
                   dialects::Translation* translation, RequestBody& body);
  Status translate_body(const Candidate& candidate, const providers::CallContext& context,
                        RequestBody& body, std::unique_ptr<dialects::Translation>& made);
  Status take_decoded();
  Result<model::Request> decode_body();
  std::unique_ptr<dialects::Translation> new_translation(
      const Candidate& candidate, const providers::CallContext& context) const;
  void answer_estimate(const Candidate& candidate);
  bool wants_no_tokens(const dialects::Dialect& upstream) const;
  void answer_nothing(const Candidate& candidate);
  void cap_output(std::vector<providers::MemberEdit>& edits) const;
  providers::Endpoint endpoint_of(const Candidate& candidate) const;
  const providers::Provider& provider_of(const providers::Account& account) const;

  // exchange_admit.cpp: money and limits.
  enum class TargetAdmission : uint8_t { kAdmitted, kWaits, kRefused };
  void admit();
  policy::Caller caller() const;
  ledger::AdmissionRequest admission_request(NanoUsd amount) const;
  bool wait_for_room(const ledger::Admission& admission);
  model::Failure note_refusal(const ledger::Admission& admission);
  pricing::Demand demand_of_attempt(const Candidate& candidate);
  /// Of the request as the last demand_of_attempt()'s candidate changes it.
  const model::RequestFacts& attempt_facts() const {
    return changed_facts_ ? *changed_facts_ : facts_;
  }
  bool may_estimate_at(const Candidate& candidate) const;
  Result<ledger::Admission> try_target(const Candidate& candidate, const pricing::Demand& demand,
                                       const pricing::FoundPrice* price, NanoUsd& bound);
  Result<ledger::Admission> try_capped(const Candidate& candidate, const ledger::Admission& blocked,
                                       const pricing::FoundPrice& price, pricing::Demand& demand,
                                       NanoUsd& bound);
  TargetAdmission admit_target(size_t index);
  void refuse_target(Candidate& candidate, const ledger::Admission& admission);
  void note_admission(const ledger::Admission& admission);
  enum class Journaled : uint8_t { kSafe, kWaits, kRefused, kFailed };
  Journaled look_at_journal(uint64_t sequence);
  Journaled judged_by_store(const ledger::Lease& lease);
  bool caller_is_granted(uint64_t with = 0);
  void take_back_caller();
  TargetAdmission await_journal();
  void give_back_target();
  void open_upstream(providers::UpstreamRequest upstream, std::unique_ptr<RequestBody> body,
                     std::unique_ptr<dialects::Translation> translation);
  std::optional<pricing::FoundPrice> price_of(const Candidate& candidate) const;

  // exchange_settle.cpp: what is booked.
  NanoUsd cost_of(const model::Usage& usage, const Attempt& attempt) const;
  NanoUsd cost_of_unfinished(const Attempt& attempt);
  void settle_money();
  void settle_attempt();
  void book_given_spend();  ///< exchange_scripted.cpp.

  // exchange_estimate.cpp: streams that reserve as they grow.
  bool extend_estimate(Attempt& attempt);
  NanoUsd cost_so_far(const Attempt& attempt, int64_t ahead) const;
  int64_t output_so_far(const Attempt& attempt) const;
  bool end_at_limit(Attempt& attempt);

  // exchange_alert.cpp: thresholds of budgets.
  void note_thresholds();
  void put_alerts(const Passed& passed);
  bool deliver_alerts();
  bool next_alert();
  bool mark_is_ours();
  void call_receiver();
  void add_alert_answer(std::string_view bytes);
  void alert_answered(uint32_t status);
  void alert_failed(std::string_view reason, bool may_pass);
  void record_alert(std::string_view outcome, std::string_view reason);
  void leave_alert();

  // exchange_room.cpp: room at targets that somebody protects.
  std::vector<RoomBounds> bounds_of(const Candidate& candidate) const;
  bool take_room(size_t index);
  bool stand_in_line();
  void leave_room();

  // exchange_select.cpp: which target is next, and what an attempt says about its target.
  void select_next();
  void select_candidate();
  void take_next_candidate();
  uint32_t attempts_max() const;
  bool another_is_left() const;
  router::EndpointClass endpoint_class() const;
  RoutingContext routing_context();
  uint32_t failure_code(const Attempt& attempt, const LastFailure& last) const;
  bool may_fall_back(const Attempt& attempt, uint32_t code, bool can_fall_back) const;
  bool retry_same(const Attempt& attempt, const LastFailure& last, uint32_t code, bool falls_back);
  void report_failure(const Attempt& attempt, const LastFailure& last, uint32_t code);
  void report_success(const Attempt& attempt);
  void pin_conversation(const Attempt& attempt, uint64_t target);
  uint64_t first_byte_ns(const Attempt& attempt) const;
  uint64_t idle_ns(const Attempt& attempt) const;
  uint64_t silence_deadline(const Attempt& attempt) const;
  uint64_t asked_deadline(const Attempt& attempt) const;
  Status override_headers(const Candidate& candidate, wire::Headers& headers) const;

  // exchange_upstream.cpp: answers on their way back.
  Attempt* open_attempt(uint32_t number);
  void begin_answer(Attempt& attempt, std::string_view content_type);
  void begin_stream(Attempt& attempt);
  void feed_stream(Attempt& attempt, std::string_view bytes);
  void after_stream_bytes(Attempt& attempt);
  void commit(Attempt& attempt);
  void stream_ended(Attempt& attempt);
  void whole_ended(Attempt& attempt);
  Result<WholeAnswer> take_whole(Attempt& attempt, std::string& body);
  void error_answer_ended(Attempt& attempt);
  bool answers_refusal(Attempt& attempt);

  // exchange_auxiliary.cpp: the gateway's own calls.
  void ask_auxiliary(Candidate& candidate, const std::string& key);
  void call_auxiliary(providers::AuxiliaryCall&& call);
  void open_auxiliary();
  void auxiliary_is_over();
  Status auxiliary_body(std::string_view bytes);
  void auxiliary_ended(uint32_t status);
  Result<providers::AuxiliaryValue> read_auxiliary_answer(uint32_t status);
  void auxiliary_goes_on(providers::AuxiliaryCall&& next);
  void auxiliary_failed(std::string reason);
  void close_auxiliary(bool cancel);

  // exchange_failure.cpp: what goes wrong, and who is told.
  void attempt_failed(model::Failure failure, std::string reason, bool billed, bool can_fall_back);
  void attempt_failed(LastFailure last, std::string reason, bool billed, bool can_fall_back);
  /// After an answer that ended well and holds nothing: true when another is asked for.
  bool asks_again_for_nothing(Attempt& attempt, const model::Usage& usage);
  /// A translated answer that is none: the error that stands in its place, if one does.
  std::optional<model::Failure> error_in_answer(const Attempt& attempt, const std::string& body);
  void tell_failure(const model::Failure& failure, StreamRoad* road, std::string& out);
  void break_stream(const model::Failure& failure);
  void targets_spent();
  bool estimates_instead();
  void refuse(const model::Failure& failure, Event event);
  void deadline_passed();
  void give_up_client(std::string_view why);
  bool refuses_our_credential(const Attempt& attempt, uint32_t status) const;
  bool try_same_target_again(Attempt& attempt);
  bool teaches_anything(const Candidate& candidate, const model::Lesson& lesson);

  // exchange_answer.cpp: answers to the client, and the end.
  void answer_failure(const model::Failure& failure, Event event);
  void answer_whole(std::string body, Event event);
  void answer_local();
  void answer_feedback();  ///< exchange_feedback.cpp.
  void note_quality();     ///< The same.
  void start_head(uint32_t status);
  void add_header(std::string_view name, std::string_view value);
  void add_budget_warning();
  void add_gateway_headers();
  void add_passed_headers(const wire::Headers& head);
  void send_head(uint64_t body_size);
  void send_keep_alive();
  void send_ready();
  void end_answer();
  void settle(std::string_view outcome);
  void note_attempt(std::string_view reason);
  void finish_record();
  void close_attempt(bool cancel);
  void drop_body_if_free();

  // exchange.cpp
  uint64_t next_deadline() const;
  void fill_open(tg_action& action);
  void fill_auxiliary(tg_action& action);
  void let_go();
  void let_head_go();

  const dialects::Dialect& client_dialect() const;
  bool speaks_messages() const;  ///< The client speaks Anthropic Messages.
  const providers::Account& account_of(const Attempt& attempt) const;
  const dialects::Dialect& upstream_dialect(const Attempt& attempt) const;
  const std::string& target_name(const Attempt& attempt) const;
  bool wants_stream() const { return facts_.stream; }

  std::shared_ptr<Environment> environment_;
  std::shared_ptr<const config::Configuration> configuration_;
  ExchangeOptions options_;
  Time start_;
  Time now_;
  State state_ = State::kReadingHead;
  Phase phase_ = Phase::kNone;
  ActionQueue actions_;
  bool cancel_given_ = false;  ///< Since the host was last told to wait.
  bool head_given_ = false;    ///< The same for a head.
  OutputStage output_;

  ClientRequest request_;
  BodyBuffer body_;
  bool request_ended_ = false;
  model::RequestFacts facts_;
  std::optional<model::RequestFacts> changed_facts_;  ///< By the override_params of a target.
  json::Span model_span_;
  json::Value parsed_;                       ///< The body, while a document of it is lent.
  std::unique_ptr<model::Request> decoded_;  ///< The request in the hub's words, once it is needed.

  Decision decision_;
  std::optional<ledger::Lease> principal_lease_;
  Money money_;
  std::optional<ledger::Lease> room_;            ///< Held by the attempt, or by what becomes one.
  size_t room_candidate_ = 0;                    ///< Whose room_ is.
  std::unique_ptr<TargetRooms::Place> in_line_;  ///< Where it waits for room.
  std::optional<PendingTarget> pending_;         ///< Admitted, and not opened yet.
  bool retry_may_help_ = false;                  ///< Some failed attempt might do better next time.
  NanoUsd booked_;  ///< Of attempts that failed and may have been billed.
  size_t next_candidate_ = 0;
  Selection selection_;
  std::optional<uint32_t> login_account_;  ///< Was given the client's own login; no other may be.
  uint32_t attempt_count_ = 0;
  uint32_t call_count_ = 0;  ///< Attempts and auxiliary calls: numbers of UPSTREAM_OPEN.
  std::unique_ptr<Attempt> attempt_;
  std::vector<std::unique_ptr<Attempt>> retired_;  ///< Ended; the host may hold views this round.

  std::unique_ptr<AuxiliaryState> auxiliary_;
  std::vector<std::unique_ptr<AuxiliaryState>> retired_auxiliary_;
  std::unique_ptr<AlertDelivery> alert_;
  uint64_t alerts_until_ns_ = 0;  ///< 0: has not looked for any.
  /// Of a request for health checks.
  struct Checks {
    size_t next = 0;  ///< Account.
    uint32_t made = 0;
    uint32_t failed = 0;
  };
  Checks checks_;
  std::string auxiliary_token_;
  std::string auxiliary_key_;
  bool keys_asked_ = false;     ///< The issuer's keys were asked for; what came decides.
  bool keys_away_ = false;      ///< They could not be had.
  bool token_renewed_ = false;  ///< A cached token was refused; that is tried once.
  bool reasoning_refused_ =
      false;  ///< An upstream could not read its own reasoning of earlier turns.
  uint32_t lessons_learned_ = 0;

  std::optional<LastFailure> last_failure_;

  std::vector<std::pair<std::string, std::string>> head_fields_;
  std::vector<tg_bytes> head_views_;
  uint32_t head_status_ = 0;
  uint64_t head_body_size_ = 0;

  uint64_t last_body_ns_ = 0;
  uint64_t last_client_ns_ = 0;
  uint64_t blocked_ns_ = 0;  ///< 0: the client takes bytes.
  uint64_t hold_until_ns_ = 0;
  uint64_t tail_until_ns_ = kNoDeadline;  ///< A complete stream waits so long for HTTP's own end.
  uint64_t admit_again_ns_ = kNoDeadline;

  record::Record record_;
  std::string record_json_;
  std::string presented_;  ///< Bytes of the last CLIENT_BODY or RECORD given to the host.
  std::string presented_record_;
};

}  // namespace tollgate::exchange
