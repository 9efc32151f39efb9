// GetPlan by gRPC C++, callback API, answered from a map in memory; no token, no log.
// argv[1] = port.
#include <grpcpp/grpcpp.h>

#include <string>
#include <unordered_map>

#include "packd/v1/catalogue_service.grpc.pb.h"

using namespace packd::v1;

class Catalogue final : public CatalogueService::CallbackService {
 public:
  Catalogue() {
    for (int64_t id = 1; id <= 1000; id++) {
      Plan plan;
      plan.set_id(id);
      plan.set_code("shared-basic");
      plan.set_name("Shared Basic");
      plan.set_description("One small web site on a shared server.");
      plan.set_kind(PLAN_KIND_SHARED);
      plan.mutable_disk_space_mb()->set_limit(10240);
      plan.mutable_bandwidth_mb()->set_limit(102400);
      plan.mutable_email_accounts()->set_limit(10);
      plan.mutable_databases()->set_limit(1);
      plan.mutable_price()->set_currency_code("USD");
      plan.mutable_price()->set_units(4);
      plan.mutable_price()->set_nanos(990000000);
      plan.add_features("Free TLS certificate");
      plan.add_features("Weekly backup");
      plan.set_is_active(true);
      plan.set_version(1);
      plan.mutable_create_time()->set_seconds(1760000000);
      plan.mutable_update_time()->set_seconds(1760000000);
      plan.set_etag("0123456789a");
      plans_[id] = plan;
    }
  }

  grpc::ServerUnaryReactor* GetPlan(grpc::CallbackServerContext* context,
                                    const GetPlanRequest* request,
                                    GetPlanResponse* response) override {
    auto* reactor = context->DefaultReactor();
    auto found = plans_.find(request->id());
    if (found == plans_.end()) {
      reactor->Finish({grpc::StatusCode::NOT_FOUND, "Plan not found"});
    } else {
      *response->mutable_plan() = found->second;
      reactor->Finish(grpc::Status::OK);
    }
    return reactor;
  }

 private:
  std::unordered_map<int64_t, Plan> plans_;
};

int main(int, char** argv) {
  Catalogue catalogue;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + argv[1],
                           grpc::InsecureServerCredentials());
  builder.RegisterService(&catalogue);
  builder.BuildAndStart()->Wait();
}
