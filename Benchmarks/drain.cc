// Reads a StreamingOutputCall to its end as gRPC C++ clients do: windows of 64 KiB at first, which
// its BDP probing lets grow. argv: port, messages, bytes of each body. Prints the bytes of all.
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "grpc/testing/test.grpc.pb.h"

using namespace grpc::testing;

int main(int, char** argv) {
  auto stub = TestService::NewStub(grpc::CreateChannel(
      std::string("127.0.0.1:") + argv[1], grpc::InsecureChannelCredentials()));
  StreamingOutputCallRequest request;
  for (int n = std::atoi(argv[2]); n > 0; n--)
    request.add_response_parameters()->set_size(std::atoi(argv[3]));
  grpc::ClientContext context;
  auto reader = stub->StreamingOutputCall(&context, request);
  StreamingOutputCallResponse response;
  size_t bytes = 0;
  while (reader->Read(&response)) bytes += response.payload().body().size();
  grpc::Status status = reader->Finish();
  if (!status.ok()) {
    std::fprintf(stderr, "drain: %s\n", status.error_message().c_str());
    return 1;
  }
  std::printf("%zu\n", bytes);
}
