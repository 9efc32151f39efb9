// StreamingOutputCall by gRPC C++, callback API. argv[1] = port.
//
// The response message is made anew only when its size changes. Writes carry no buffer hint: with
// one, gRPC 1.51 never finishes a stream of small messages whose window is not used up.
#include <grpcpp/grpcpp.h>

#include <string>

#include "grpc/testing/test.grpc.pb.h"

using namespace grpc::testing;

class Writer final : public grpc::ServerWriteReactor<StreamingOutputCallResponse> {
 public:
  explicit Writer(const StreamingOutputCallRequest* request) : request_(request) { Next(); }

  void OnWriteDone(bool ok) override {
    if (ok) {
      Next();
    } else {
      Finish({grpc::StatusCode::CANCELLED, "the client is gone"});
    }
  }

  void OnDone() override { delete this; }

 private:
  void Next() {
    if (next_ == request_->response_parameters_size()) return Finish(grpc::Status::OK);
    int size = request_->response_parameters(next_++).size();
    if (size != size_) {
      response_.mutable_payload()->set_body(std::string(size, '\0'));
      size_ = size;
    }
    StartWrite(&response_);
  }

  const StreamingOutputCallRequest* request_;
  StreamingOutputCallResponse response_;
  int next_ = 0;
  int size_ = -1;
};

class Service final : public TestService::CallbackService {
  grpc::ServerWriteReactor<StreamingOutputCallResponse>* StreamingOutputCall(
      grpc::CallbackServerContext*, const StreamingOutputCallRequest* request) override {
    return new Writer(request);
  }
};

int main(int, char** argv) {
  Service service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + argv[1],
                           grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  builder.BuildAndStart()->Wait();
}
