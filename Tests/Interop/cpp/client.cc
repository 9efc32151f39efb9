// The interop cases by gRPC C++, synchronous API; a message's compressed flag is looked at.
//
// usage: client --server_host=HOST --server_port=PORT --test_case=NAME
//        [--ca_file=PATH --server_host_override=NAME]
//
// Each case is a function that carries out the procedure of the same name in the gRPC project's
// interop-test-descriptions.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "grpc/testing/test.grpc.pb.h"

using namespace grpc::testing;

// Exported by libgrpc for interop clients, but in none of its headers.
uint32_t grpc_call_test_only_get_message_flags(grpc_call* call);

namespace grpc {
namespace testing {

// ClientContext's friend by this name: sees the call inside.
class InteropClientContextInspector {
 public:
  static bool LastMessageWasCompressed(const ClientContext& context) {
    // GRPC_WRITE_INTERNAL_TEST_ONLY_WAS_COMPRESSED
    constexpr uint32_t kWasCompressed = 0x40000000u;
    return grpc_call_test_only_get_message_flags(context.call_) & kWasCompressed;
  }
};

}  // namespace testing
}  // namespace grpc

namespace {

using Stub = TestService::Stub;
using Duplex =
    grpc::ClientReaderWriter<StreamingOutputCallRequest, StreamingOutputCallResponse>;

constexpr int kLargeRequestBytes = 271828, kLargeResponseBytes = 314159;
const std::vector<std::pair<int, int>> kPingPong = {
    {27182, 31415}, {8, 9}, {1828, 2653}, {45904, 58979}};
const char kInitialKey[] = "x-grpc-test-echo-initial";
const char kInitialValue[] = "test_initial_metadata_value";
const char kTrailingKey[] = "x-grpc-test-echo-trailing-bin";
const char kTrailingValue[] = "\xab\xab\xab";

struct Failure {
  std::string what;
};

template <typename Seen, typename Expected>
void ExpectEqual(const Seen& seen, const Expected& expected, const std::string& what) {
  if (!(seen == expected)) throw Failure{what + " is not as expected"};
}

void ExpectStatus(const grpc::Status& status, grpc::StatusCode code) {
  if (status.error_code() != code) {
    throw Failure{"expected status " + std::to_string(code) + ", saw " +
                  std::to_string(status.error_code()) + ": " + status.error_message()};
  }
}

void ExpectOK(const grpc::Status& status) { ExpectStatus(status, grpc::StatusCode::OK); }

struct Context : grpc::ClientContext {
  explicit Context(std::chrono::microseconds timeout = std::chrono::seconds(10)) {
    set_deadline(std::chrono::system_clock::now() + timeout);
  }
};

Payload Zeros(int size) {
  Payload payload;
  payload.set_body(std::string(size, '\0'));
  return payload;
}

void ExpectZeros(const Payload& payload, int size) {
  ExpectEqual(payload.body(), std::string(size, '\0'), "the response's body");
}

SimpleRequest LargeRequest() {
  SimpleRequest request;
  request.set_response_size(kLargeResponseBytes);
  *request.mutable_payload() = Zeros(kLargeRequestBytes);
  return request;
}

StreamingOutputCallRequest OutputRequest(int request_bytes, const std::vector<int>& sizes) {
  StreamingOutputCallRequest request;
  for (int size : sizes) request.add_response_parameters()->set_size(size);
  if (request_bytes > 0) *request.mutable_payload() = Zeros(request_bytes);
  return request;
}

StreamingInputCallRequest InputRequest(int size) {
  StreamingInputCallRequest request;
  *request.mutable_payload() = Zeros(size);
  return request;
}

void ExpectNext(Duplex& call, int size) {
  StreamingOutputCallResponse response;
  ExpectEqual(call.Read(&response), true, "that there is a response");
  ExpectZeros(response.payload(), size);
}

void ExpectEnd(Duplex& call) {
  StreamingOutputCallResponse response;
  ExpectEqual(call.Read(&response), false, "that there is a response too many");
}

void EmptyUnary(Stub& stub) {
  Context context;
  Empty response;
  ExpectOK(stub.EmptyCall(&context, Empty(), &response));
  ExpectEqual(response.ByteSizeLong(), 0u, "the response's size");
}

void LargeUnary(Stub& stub) {
  Context context;
  SimpleResponse response;
  ExpectOK(stub.UnaryCall(&context, LargeRequest(), &response));
  ExpectZeros(response.payload(), kLargeResponseBytes);
}

void ClientCompressedUnary(Stub& stub) {
  struct Step {
    bool expected, sent;
    grpc::StatusCode code;
  };
  for (Step step : {Step{true, false, grpc::StatusCode::INVALID_ARGUMENT},
                    Step{true, true, grpc::StatusCode::OK},
                    Step{false, false, grpc::StatusCode::OK}}) {
    Context context;
    if (step.sent) context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    SimpleRequest request = LargeRequest();
    request.mutable_expect_compressed()->set_value(step.expected);
    SimpleResponse response;
    ExpectStatus(stub.UnaryCall(&context, request, &response), step.code);
    if (step.code == grpc::StatusCode::OK) {
      ExpectZeros(response.payload(), kLargeResponseBytes);
    }
  }
}

void ServerCompressedUnary(Stub& stub) {
  for (bool compressed : {true, false}) {
    Context context;
    SimpleRequest request = LargeRequest();
    request.mutable_response_compressed()->set_value(compressed);
    SimpleResponse response;
    ExpectOK(stub.UnaryCall(&context, request, &response));
    ExpectZeros(response.payload(), kLargeResponseBytes);
    ExpectEqual(InteropClientContextInspector::LastMessageWasCompressed(context), compressed,
                "the compressed flag");
  }
}

void ClientStreaming(Stub& stub) {
  Context context;
  StreamingInputCallResponse response;
  auto call = stub.StreamingInputCall(&context, &response);
  for (auto [size, _] : kPingPong) {
    ExpectEqual(call->Write(InputRequest(size)), true, "that a request can be sent");
  }
  call->WritesDone();
  ExpectOK(call->Finish());
  ExpectEqual(response.aggregated_payload_size(), 74922, "the aggregated size");
}

void ClientCompressedStreaming(Stub& stub) {
  StreamingInputCallRequest first = InputRequest(27182), second = InputRequest(45904);
  first.mutable_expect_compressed()->set_value(true);
  second.mutable_expect_compressed()->set_value(false);
  StreamingInputCallResponse response;
  {
    Context context;
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    auto probe = stub.StreamingInputCall(&context, &response);
    // The server may have refused it before all of it is sent.
    probe->Write(first, grpc::WriteOptions().set_no_compression());
    probe->WritesDone();
    ExpectStatus(probe->Finish(), grpc::StatusCode::INVALID_ARGUMENT);
  }
  Context context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  auto call = stub.StreamingInputCall(&context, &response);
  ExpectEqual(call->Write(first), true, "that a request can be sent");
  ExpectEqual(call->Write(second, grpc::WriteOptions().set_no_compression()), true,
              "that a request can be sent");
  call->WritesDone();
  ExpectOK(call->Finish());
  ExpectEqual(response.aggregated_payload_size(), 73086, "the aggregated size");
}

void ServerStreaming(Stub& stub) {
  Context context;
  std::vector<int> sizes;
  for (auto [_, size] : kPingPong) sizes.push_back(size);
  auto call = stub.StreamingOutputCall(&context, OutputRequest(0, sizes));
  StreamingOutputCallResponse response;
  size_t count = 0;
  for (; call->Read(&response); count++) {
    ExpectEqual(count < sizes.size(), true, "the number of responses");
    ExpectZeros(response.payload(), sizes[count]);
  }
  ExpectEqual(count, sizes.size(), "the number of responses");
  ExpectOK(call->Finish());
}

void ServerCompressedStreaming(Stub& stub) {
  Context context;
  StreamingOutputCallRequest request = OutputRequest(0, {31415, 92653});
  request.mutable_response_parameters(0)->mutable_compressed()->set_value(true);
  request.mutable_response_parameters(1)->mutable_compressed()->set_value(false);
  auto call = stub.StreamingOutputCall(&context, request);
  StreamingOutputCallResponse response;
  for (const auto& parameters : request.response_parameters()) {
    ExpectEqual(call->Read(&response), true, "that there is a response");
    ExpectZeros(response.payload(), parameters.size());
    ExpectEqual(InteropClientContextInspector::LastMessageWasCompressed(context),
                parameters.compressed().value(), "the compressed flag");
  }
  ExpectEqual(call->Read(&response), false, "that there is a response too many");
  ExpectOK(call->Finish());
}

void PingPong(Stub& stub) {
  Context context;
  auto call = stub.FullDuplexCall(&context);
  for (auto [request_bytes, response_bytes] : kPingPong) {
    ExpectEqual(call->Write(OutputRequest(request_bytes, {response_bytes})), true,
                "that a request can be sent");
    ExpectNext(*call, response_bytes);
  }
  call->WritesDone();
  ExpectEnd(*call);
  ExpectOK(call->Finish());
}

void EmptyStream(Stub& stub) {
  Context context;
  auto call = stub.FullDuplexCall(&context);
  call->WritesDone();
  ExpectEnd(*call);
  ExpectOK(call->Finish());
}

void ExpectEcho(const grpc::ClientContext& context) {
  const auto& initial = context.GetServerInitialMetadata();
  auto first = initial.find(kInitialKey);
  ExpectEqual(first != initial.end() && first->second == kInitialValue, true,
              "the initial metadata");
  const auto& trailing = context.GetServerTrailingMetadata();
  auto last = trailing.find(kTrailingKey);
  ExpectEqual(last != trailing.end() && last->second == kTrailingValue, true,
              "the trailing metadata");
}

void CustomMetadata(Stub& stub) {
  {
    Context context;
    context.AddMetadata(kInitialKey, kInitialValue);
    context.AddMetadata(kTrailingKey, kTrailingValue);
    SimpleResponse response;
    ExpectOK(stub.UnaryCall(&context, LargeRequest(), &response));
    ExpectZeros(response.payload(), kLargeResponseBytes);
    ExpectEcho(context);
  }
  Context context;
  context.AddMetadata(kInitialKey, kInitialValue);
  context.AddMetadata(kTrailingKey, kTrailingValue);
  auto call = stub.FullDuplexCall(&context);
  ExpectEqual(call->Write(OutputRequest(kLargeRequestBytes, {kLargeResponseBytes})), true,
              "that a request can be sent");
  call->WritesDone();
  ExpectNext(*call, kLargeResponseBytes);
  ExpectEnd(*call);
  ExpectOK(call->Finish());
  ExpectEcho(context);
}

void ExpectUnaryStatus(Stub& stub, const std::string& message) {
  Context context;
  SimpleRequest request;
  request.mutable_response_status()->set_code(grpc::StatusCode::UNKNOWN);
  request.mutable_response_status()->set_message(message);
  SimpleResponse response;
  grpc::Status status = stub.UnaryCall(&context, request, &response);
  ExpectStatus(status, grpc::StatusCode::UNKNOWN);
  ExpectEqual(status.error_message(), message, "the status message");
}

void StatusCodeAndMessage(Stub& stub) {
  const std::string message = "test status message";
  ExpectUnaryStatus(stub, message);
  Context context;
  StreamingOutputCallRequest request;
  request.mutable_response_status()->set_code(grpc::StatusCode::UNKNOWN);
  request.mutable_response_status()->set_message(message);
  auto call = stub.FullDuplexCall(&context);
  ExpectEqual(call->Write(request), true, "that a request can be sent");
  call->WritesDone();
  ExpectEnd(*call);
  grpc::Status status = call->Finish();
  ExpectStatus(status, grpc::StatusCode::UNKNOWN);
  ExpectEqual(status.error_message(), message, "the status message");
}

void SpecialStatusMessage(Stub& stub) {
  ExpectUnaryStatus(stub, "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n");
}

void UnimplementedMethod(Stub& stub) {
  Context context;
  Empty response;
  ExpectStatus(stub.UnimplementedCall(&context, Empty(), &response),
               grpc::StatusCode::UNIMPLEMENTED);
}

void CancelAfterBegin(Stub& stub) {
  Context context;
  StreamingInputCallResponse response;
  auto call = stub.StreamingInputCall(&context, &response);
  context.TryCancel();
  ExpectStatus(call->Finish(), grpc::StatusCode::CANCELLED);
}

void CancelAfterFirstResponse(Stub& stub) {
  Context context;
  auto call = stub.FullDuplexCall(&context);
  ExpectEqual(call->Write(OutputRequest(27182, {31415})), true, "that a request can be sent");
  ExpectNext(*call, 31415);
  context.TryCancel();
  ExpectStatus(call->Finish(), grpc::StatusCode::CANCELLED);
}

void TimeoutOnSleepingServer(Stub& stub) {
  Context context(std::chrono::milliseconds(1));
  auto call = stub.FullDuplexCall(&context);
  // The deadline may have passed before it is sent.
  call->Write(OutputRequest(27182, {}));
  ExpectEnd(*call);
  ExpectStatus(call->Finish(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

std::string Argument(int argc, char** argv, const std::string& name) {
  const std::string prefix = "--" + name + "=";
  for (int i = 1; i < argc; i++) {
    if (std::string(argv[i]).rfind(prefix, 0) == 0) return argv[i] + prefix.size();
  }
  return "";
}

// A channel with TLS if there is a file with who vouches for the server.
std::shared_ptr<grpc::Channel> Channel(const std::string& address, const std::string& ca_file,
                                       const std::string& override) {
  if (ca_file.empty()) return grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  std::ifstream file(ca_file);
  grpc::SslCredentialsOptions options;
  options.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(override);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string address =
      Argument(argc, argv, "server_host") + ":" + Argument(argc, argv, "server_port");
  auto channel = Channel(address, Argument(argc, argv, "ca_file"),
                         Argument(argc, argv, "server_host_override"));
  Stub stub(channel);
  const std::map<std::string, std::function<void()>> cases = {
      {"empty_unary", [&] { EmptyUnary(stub); }},
      {"large_unary", [&] { LargeUnary(stub); }},
      {"client_compressed_unary", [&] { ClientCompressedUnary(stub); }},
      {"server_compressed_unary", [&] { ServerCompressedUnary(stub); }},
      {"client_streaming", [&] { ClientStreaming(stub); }},
      {"client_compressed_streaming", [&] { ClientCompressedStreaming(stub); }},
      {"server_streaming", [&] { ServerStreaming(stub); }},
      {"server_compressed_streaming", [&] { ServerCompressedStreaming(stub); }},
      {"ping_pong", [&] { PingPong(stub); }},
      {"empty_stream", [&] { EmptyStream(stub); }},
      {"custom_metadata", [&] { CustomMetadata(stub); }},
      {"status_code_and_message", [&] { StatusCodeAndMessage(stub); }},
      {"special_status_message", [&] { SpecialStatusMessage(stub); }},
      {"unimplemented_method", [&] { UnimplementedMethod(stub); }},
      {"unimplemented_service",
       [&] {
         Context context;
         Empty response;
         UnimplementedService::Stub other(channel);
         ExpectStatus(other.UnimplementedCall(&context, Empty(), &response),
                      grpc::StatusCode::UNIMPLEMENTED);
       }},
      {"cancel_after_begin", [&] { CancelAfterBegin(stub); }},
      {"cancel_after_first_response", [&] { CancelAfterFirstResponse(stub); }},
      {"timeout_on_sleeping_server", [&] { TimeoutOnSleepingServer(stub); }},
  };
  const std::string name = Argument(argc, argv, "test_case");
  auto found = cases.find(name);
  if (found == cases.end()) throw Failure{"there is no case " + name};
  found->second();
} catch (const Failure& failure) {
  std::cerr << failure.what << std::endl;
  return 1;
}
