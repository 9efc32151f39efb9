// GetPlan by grpc-go, answered from a map in memory; no token, no log. Argument: port.
package main

import (
	"context"
	"net"
	"os"

	pb "packd/v1"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

type catalogue struct {
	pb.UnimplementedCatalogueServiceServer
	plans map[int64]*pb.Plan
}

func (c *catalogue) GetPlan(_ context.Context, request *pb.GetPlanRequest) (*pb.GetPlanResponse, error) {
	plan, ok := c.plans[request.GetId()]
	if !ok {
		return nil, status.Error(codes.NotFound, "Plan not found")
	}
	return &pb.GetPlanResponse{Plan: plan}, nil
}

func limit(count int64) *pb.Quota {
	return &pb.Quota{Kind: &pb.Quota_Limit{Limit: count}}
}

func main() {
	time := &timestamppb.Timestamp{Seconds: 1760000000}
	c := &catalogue{plans: map[int64]*pb.Plan{}}
	for id := int64(1); id <= 1000; id++ {
		c.plans[id] = &pb.Plan{
			Id: id, Code: "shared-basic", Name: "Shared Basic",
			Description: "One small web site on a shared server.",
			Kind:        pb.PlanKind_PLAN_KIND_SHARED,
			DiskSpaceMb: limit(10240), BandwidthMb: limit(102400),
			EmailAccounts: limit(10), Databases: limit(1),
			Price:    &pb.Money{CurrencyCode: "USD", Units: 4, Nanos: 990000000},
			Features: []string{"Free TLS certificate", "Weekly backup"},
			IsActive: true, Version: 1, CreateTime: time, UpdateTime: time, Etag: "0123456789a",
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	pb.RegisterCatalogueServiceServer(server, c)
	if err := server.Serve(listener); err != nil {
		panic(err)
	}
}
