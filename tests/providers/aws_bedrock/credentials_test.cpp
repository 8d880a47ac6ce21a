#include "providers/aws_bedrock/credentials.hpp"

#include "support/catch.hpp"

namespace tollgate::providers::aws_bedrock {
namespace {

constexpr Time kFetchedAt{5'000 * kSecond, 1'795'305'600'000};  // 2026-11-22T00:00:00Z
const std::string kRole = "arn:aws:iam::123456789012:role/bedrock";

Account account_of(AuthKind auth) {
  Account account;
  account.name = "main";
  account.region = "eu-west-1";
  account.auth = auth;
  account.aws.session_name = "tollgate";
  if (auth == AuthKind::kAwsKeys) {
    account.access_key_id = "AKIDEXAMPLE";
    account.credential = Secret("secret");
  }
  if (auth == AuthKind::kAwsContainer) account.token_uri = "http://169.254.170.23/v1/credentials";
  if (auth == AuthKind::kAwsWebIdentity) {
    account.credential = Secret("eyJ.a+b");
    account.aws.web_identity_role_arn = kRole;
  }
  return account;
}

std::string header(const AuxiliaryCall& call, std::string_view name) {
  return std::string(call.request.headers.get(name).value_or(""));
}

Result<AuxiliaryValue> answer(const Account& account, const AuxiliaryCall& call, uint32_t status,
                              std::string_view body) {
  return read_credentials({account, call, status, body, kFetchedAt});
}

AuxiliaryCall next_of(const Result<AuxiliaryValue>& value) {
  REQUIRE(value.ok());
  REQUIRE(value.value().next);
  return *value.value().next;
}

std::string why(const Result<AuxiliaryValue>& value) {
  return value.ok() ? "" : value.status().message();
}

const std::string kKeysJson =
    R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIA1","SecretAccessKey":"s/1",)"
    R"("Token":"t==","Expiration":"2026-11-22T01:00:00Z"})";

TEST_CASE("an instance's keys take a session, the role's name and the keys") {
  const Account account = account_of(AuthKind::kAwsInstance);
  const AuxiliaryCall first = credentials_call(account, kFetchedAt).value();
  CHECK(first.request.method == "PUT");
  CHECK(first.request.url == "http://169.254.169.254/latest/api/token");
  CHECK(header(first, "x-aws-ec2-metadata-token-ttl-seconds") == "300");
  CHECK(first.body.empty());
  CHECK(first.is_local);

  const AuxiliaryCall second = next_of(answer(account, first, 200, "session-1"));
  CHECK(second.request.method == "GET");
  CHECK(second.request.url == "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  CHECK(header(second, "x-aws-ec2-metadata-token") == "session-1");

  const AuxiliaryCall third = next_of(answer(account, second, 200, "my-role\n"));
  CHECK(third.request.url ==
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/my-role");
  CHECK(header(third, "x-aws-ec2-metadata-token") == "session-1");
  CHECK(third.is_local);

  const Result<AuxiliaryValue> keys = answer(account, third, 200, kKeysJson);
  REQUIRE(keys.ok());
  CHECK_FALSE(keys.value().next);
  CHECK(keys.value().expires_mono_ns == 8'600 * kSecond);
  CHECK(keys.value().renew_mono_ns == 8'300 * kSecond);
  const AwsKeys read = keys_of(keys.value().value);
  CHECK(read.access_key_id == "ASIA1");
  CHECK(read.secret_access_key.reveal() == "s/1");
  CHECK(read.session_token.reveal() == "t==");
}

TEST_CASE("a container's keys are asked for with its token") {
  Account account = account_of(AuthKind::kAwsContainer);
  CHECK(header(credentials_call(account, kFetchedAt).value(), "authorization").empty());
  account.credential = Secret("pod-token");
  const AuxiliaryCall call = credentials_call(account, kFetchedAt).value();
  CHECK(call.request.method == "GET");
  CHECK(call.request.url == "http://169.254.170.23/v1/credentials");
  CHECK(header(call, "authorization") == "pod-token");
  CHECK(call.is_local);
  const Result<AuxiliaryValue> keys = answer(account, call, 200, kKeysJson);
  REQUIRE(keys.ok());
  CHECK(keys_of(keys.value().value).access_key_id == "ASIA1");
}

TEST_CASE("a web identity's token is exchanged, and the answer read in either form") {
  const Account account = account_of(AuthKind::kAwsWebIdentity);
  const AuxiliaryCall call = credentials_call(account, kFetchedAt).value();
  CHECK(call.request.method == "POST");
  CHECK(call.request.url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(call.body ==
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A"
        "123456789012%3Arole%2Fbedrock&RoleSessionName=tollgate&WebIdentityToken=eyJ.a%2Bb");
  CHECK(header(call, "authorization").empty());
  CHECK(header(call, "accept") == "application/json");
  CHECK_FALSE(call.is_local);
  const std::pair<const char*, std::string> rows[] = {
      {"JSON",
       R"({"AssumeRoleWithWebIdentityResponse":{"AssumeRoleWithWebIdentityResult":{"Credentials":)"
       R"({"AccessKeyId":"ASIA2","SecretAccessKey":"s2","SessionToken":"t2",)"
       R"("Expiration":1.7953092E9}}}})"},
      {"JSON with a date",
       R"({"AssumeRoleWithWebIdentityResponse":{"AssumeRoleWithWebIdentityResult":{"Credentials":)"
       R"({"AccessKeyId":"ASIA2","SecretAccessKey":"s2","SessionToken":"t2",)"
       R"("Expiration":"2026-11-22T01:00:00Z"}}}})"},
      {"XML",
       "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
       "<AssumeRoleWithWebIdentityResult><Credentials>\n<SessionToken>t2</SessionToken>\n"
       "<SecretAccessKey>s2</SecretAccessKey><Expiration>2026-11-22T01:00:00Z</Expiration>\n"
       "<AccessKeyId>ASIA2</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>\n"
       "</AssumeRoleWithWebIdentityResponse>"},
  };
  for (const auto& [name, body] : rows) {
    INFO(name);
    const Result<AuxiliaryValue> keys = answer(account, call, 200, body);
    INFO(why(keys));
    REQUIRE(keys.ok());
    CHECK(keys.value().value == "ASIA2\ns2\nt2");
    CHECK(keys.value().renew_mono_ns == 8'300 * kSecond);
  }
}

TEST_CASE("a role is taken on with whatever keys there are") {
  const std::string assumed =
      R"({"AssumeRoleResponse":{"AssumeRoleResult":{"Credentials":{"AccessKeyId":"ASIA3",)"
      R"("SecretAccessKey":"s3","SessionToken":"t3","Expiration":1795309200}}}})";
  for (const AuthKind auth : {AuthKind::kAwsKeys, AuthKind::kAwsContainer}) {
    Account account = account_of(auth);
    account.aws.assumed_role_arn = "arn:aws:iam::1:role/far";
    account.aws.external_id = "ours";
    AuxiliaryCall call = credentials_call(account, kFetchedAt).value();
    if (auth == AuthKind::kAwsContainer) call = next_of(answer(account, call, 200, kKeysJson));
    CHECK(call.request.url == "https://sts.eu-west-1.amazonaws.com/");
    CHECK_FALSE(call.is_local);
    CHECK(call.body ==
          "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Ffar&"
          "RoleSessionName=tollgate&ExternalId=ours");
    const std::string id = auth == AuthKind::kAwsKeys ? "AKIDEXAMPLE" : "ASIA1";
    CHECK(header(call, "authorization")
              .starts_with("AWS4-HMAC-SHA256 Credential=" + id +
                           "/20261122/eu-west-1/sts/aws4_request, SignedHeaders="));
    CHECK(header(call, "x-amz-security-token") == (auth == AuthKind::kAwsKeys ? "" : "t=="));
    const Result<AuxiliaryValue> keys = answer(account, call, 200, assumed);
    REQUIRE(keys.ok());
    CHECK_FALSE(keys.value().next);
    CHECK(keys.value().value == "ASIA3\ns3\nt3");
  }
}

TEST_CASE("the token service's address follows the region") {
  Account account = account_of(AuthKind::kAwsWebIdentity);
  const auto url = [&] { return credentials_call(account, kFetchedAt).value().request.url; };
  account.region = "cn-north-1";
  CHECK(url() == "https://sts.cn-north-1.amazonaws.com.cn/");
  account.region.clear();
  CHECK(url() == "https://sts.amazonaws.com/");
  account.aws.sts_url = "http://127.0.0.1:9";
  CHECK(url() == "http://127.0.0.1:9/");
  account.auth = AuthKind::kAwsKeys;
  account.access_key_id = "AKID";
  account.aws.assumed_role_arn = kRole;
  CHECK(header(credentials_call(account, kFetchedAt).value(), "authorization")
            .find("/us-east-1/sts/") != std::string::npos);
}

TEST_CASE("refusals say who refused, and by which code") {
  struct Row {
    const char* name;
    AuthKind auth;
    uint32_t status;
    const char* body;
    const char* message;
  };
  const Row rows[] = {
      {"STS in JSON", AuthKind::kAwsWebIdentity, 403,
       R"({"Error":{"Code":"AccessDenied","Message":"User: arn:aws:… is not authorized"}})",
       "AWS's token service answered 403: AccessDenied"},
      {"STS in XML", AuthKind::kAwsWebIdentity, 400,
       "<ErrorResponse><Error><Code>ExpiredTokenException</Code></Error></ErrorResponse>",
       "AWS's token service answered 400: ExpiredTokenException"},
      {"not of AWS", AuthKind::kAwsWebIdentity, 502, "<html>", "AWS's token service answered 502"},
      {"no keys", AuthKind::kAwsWebIdentity, 200, "{}",
       "AWS's token service answered 200 without keys"},
      {"the container's", AuthKind::kAwsContainer, 400, R"({"code":"AccessDenied"})",
       "the container's credentials service answered 400: AccessDenied"},
      {"a failure under 200", AuthKind::kAwsContainer, 200, R"({"Code":"AssumeRoleUnauthorized"})",
       "the container's credentials service answered 200: AssumeRoleUnauthorized without keys"},
      {"keys that would break a header", AuthKind::kAwsContainer, 200,
       R"({"AccessKeyId":"A\nB","SecretAccessKey":"s","Token":"t"})",
       "the container's credentials service answered 200 without keys"},
      {"no metadata", AuthKind::kAwsInstance, 403, "",
       "the instance's metadata service answered 403"},
      {"an empty session", AuthKind::kAwsInstance, 200, "\n",
       "the instance's metadata service answered 200"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    const Account account = account_of(row.auth);
    const AuxiliaryCall call = credentials_call(account, kFetchedAt).value();
    CHECK(why(answer(account, call, row.status, row.body)) == row.message);
  }
  const Account account = account_of(AuthKind::kAwsInstance);
  const AuxiliaryCall second =
      next_of(answer(account, credentials_call(account, kFetchedAt).value(), 200, "s"));
  CHECK(why(answer(account, second, 404, "")) ==
        "the instance's metadata service answered 404: the instance has no role");
}

TEST_CASE("only keys that are fetched have a name, and each source its own") {
  CHECK(credentials_key(account_of(AuthKind::kAwsKeys)).empty());
  CHECK(credentials_key(account_of(AuthKind::kApiKey)).empty());
  CHECK(credentials_call(account_of(AuthKind::kApiKey), kFetchedAt).status().code() ==
        Code::kInternal);
  Account account = account_of(AuthKind::kAwsWebIdentity);
  const std::string key = credentials_key(account);
  CHECK(key != credentials_key(account_of(AuthKind::kAwsInstance)));
  account.credential = Secret("a newer token");
  CHECK(credentials_key(account) == key);
  account.aws.assumed_role_arn = kRole;
  CHECK(credentials_key(account) != key);
  CHECK(key.find("eyJ") == std::string::npos);
}

TEST_CASE("keys that are refused are told from calls that are") {
  CHECK(says_keys_are_bad(403, "ExpiredTokenException:http://x", ""));
  CHECK(says_keys_are_bad(403, "", R"({"__type":"UnrecognizedClientException"})"));
  CHECK_FALSE(says_keys_are_bad(403, "AccessDeniedException", ""));
  CHECK_FALSE(says_keys_are_bad(500, "ExpiredTokenException", ""));
}

}  // namespace
}  // namespace tollgate::providers::aws_bedrock
