# With TOLLGATE_UNITY several sources of a target are compiled as one. A file whose local names
# (those in an unnamed namespace) another file of its target has too is listed here and stays alone.
# Overloads count: a neighbour's function with the same name and other parameters may fit better.
set(TOLLGATE_ALONE
    examples/http_server/command_explain.cpp
    examples/http_server/command_keys.cpp
    examples/http_server/command_serve.cpp
    examples/http_server/command_settings.cpp
    examples/http_server/command_test.cpp
    examples/http_server/command_usage.cpp
    examples/http_server/host.cpp
    lib/config/assemble_routes.cpp
    lib/config/read_notifications.cpp
    lib/config/read_rate_limit.cpp
    lib/dialects/anthropic_messages/block_decode.cpp
    lib/dialects/anthropic_messages/block_encode.cpp
    lib/dialects/anthropic_messages/response_decode.cpp
    lib/dialects/client_tools.cpp
    lib/json/escapes.cpp
    lib/json/number.cpp
    lib/json/position.cpp
    lib/json/tape.cpp
    lib/providers/entra/token.cpp
    lib/providers/google/token.cpp
    lib/providers/google_vertex/claude_body.cpp
    tests/config/assemble_test.cpp
    tests/config/cost_test.cpp
    tests/config/load_test.cpp
    tests/config/names_test.cpp
    tests/config/prices_test.cpp
    tests/config/read_budget_test.cpp
    tests/config/read_metadata_config_test.cpp
    tests/config/read_openai_account_test.cpp
    tests/config/read_people_test.cpp
    tests/config/read_rate_limit_test.cpp
    tests/config/read_roles_test.cpp
    tests/config/read_server_test.cpp
    tests/config/read_settings_test.cpp
    tests/config/reading_test.cpp
    tests/config/reference_rules_test.cpp
    tests/dialects/anthropic_messages/request_peek_test.cpp
    tests/dialects/anthropic_messages/stream_watch_test.cpp
    tests/dialects/bedrock_converse/stream_decode_test.cpp
    tests/dialects/gemini_generate/schema_rewrite_test.cpp
    tests/dialects/gemini_generate/schema_tree_test.cpp
    tests/dialects/gemini_generate/tools_encode_test.cpp
    tests/dialects/openai_chat/answer_test.cpp
    tests/dialects/openai_chat/arguments_test.cpp
    tests/dialects/openai_chat/messages_test.cpp
    tests/dialects/openai_chat/request_decode_test.cpp
    tests/dialects/openai_chat/request_encode_test.cpp
    tests/dialects/openai_chat/response_decode_test.cpp
    tests/dialects/openai_chat/response_encode_test.cpp
    tests/dialects/openai_chat/stream_decode_test.cpp
    tests/dialects/openai_chat/think_tags_test.cpp
    tests/dialects/openai_chat/usage_test.cpp
    tests/dialects/openai_errors_test.cpp
    tests/dialects/openai_lesson_test.cpp
    tests/dialects/openai_responses/message_item_test.cpp
    tests/dialects/openai_responses/reasoning_item_test.cpp
    tests/dialects/openai_responses/request_decode_test.cpp
    tests/dialects/openai_responses/request_encode_test.cpp
    tests/dialects/openai_responses/search_item_test.cpp
    tests/dialects/openai_schema_test.cpp
    tests/dialects/repair_test.cpp
    tests/dialects/retry_after_test.cpp
    tests/dialects/think_tags_test.cpp
    tests/drivers/curl/curl_test.cpp
    tests/drivers/curl/lane_test.cpp
    tests/drivers/curl/watch_test.cpp
    tests/drivers/fake_exchange.cpp
    tests/drivers/sqlite/threads_test.cpp
    tests/exchange/aws_clock_test.cpp
    tests/exchange/exchange_admit_test.cpp
    tests/exchange/explain_limits_test.cpp
    tests/exchange/exchange_check_test.cpp
    tests/exchange/exchange_identity_test.cpp
    tests/exchange/exchange_request_test.cpp
    tests/exchange/exchange_settle_test.cpp
    tests/exchange/exchange_test.cpp
    tests/exchange/exchange_upstream_test.cpp
    tests/exchange/explain_body_test.cpp
    tests/exchange/overrides_test.cpp
    tests/exchange/pairs_test.cpp
    tests/exchange/request_body_test.cpp
    tests/exchange/splice_road_test.cpp
    tests/exchange/switch_test.cpp
    tests/gateway/corrections_test.cpp
    tests/gateway/threads_test.cpp
    tests/identity/issuer_test.cpp
    tests/identity/key_set_test.cpp
    tests/json/escapes_test.cpp
    tests/json/number_test.cpp
    tests/json/splice_test.cpp
    tests/json/tape_test.cpp
    tests/ledger/correct_test.cpp
    tests/ledger/journal_text_test.cpp
    tests/ledger/lease_test.cpp
    tests/ledger/ledger_test.cpp
    tests/ledger/resolve_test.cpp
    tests/model/text_counts_test.cpp
    tests/policy/rule_set_test.cpp
    tests/pricing/price_list_test.cpp
    tests/providers/aws_bedrock/provider_test.cpp
    tests/providers/azure_openai/provider_test.cpp
    tests/router/check_schedule_test.cpp
    tests/router/near_names_test.cpp
    tests/support/catch_main.cpp
    tests/support/converse_rules.cpp
    tests/support/gemini_rules.cpp
    tests/support/invoke_rules.cpp
    tests/support/openai_chat_rules.cpp
    tests/support/openai_responses_rules.cpp
    tests/wire/sse_decoder_test.cpp
)

# tollgate_unity(TARGET): groups the target's sources, when the option is on or, for those of tests,
# is "TESTS".
function(tollgate_unity target)
  if(NOT TOLLGATE_UNITY)
    return()
  endif()
  get_target_property(folder ${target} SOURCE_DIR)
  if(TOLLGATE_UNITY STREQUAL "TESTS" AND NOT folder MATCHES "^${PROJECT_SOURCE_DIR}/tests")
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 10)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # It takes local names of a neighbour for shadowed ones; clang sees the shadows that matter.
    target_compile_options(${target} PRIVATE -Wno-shadow -Wno-subobject-linkage)
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_filename_component(path ${source} ABSOLUTE BASE_DIR ${folder})
    file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${path})
    if(name IN_LIST TOLLGATE_ALONE)
      set_source_files_properties(${source} DIRECTORY ${folder} PROPERTIES
                                  SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
  endforeach()
endfunction()
