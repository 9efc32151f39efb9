// The interop cases by grpc-go; whether a message came compressed is told by its length on the
// wire.
//
// usage: client --server_host=HOST --server_port=PORT --test_case=NAME
//
//	[--ca_file=PATH --server_host_override=NAME]
//
// Each case is a function that carries out the procedure of the same name in the gRPC project's
// interop-test-descriptions.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	pb "interop/testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

const (
	largeRequestBytes  = 271828
	largeResponseBytes = 314159
	initialKey         = "x-grpc-test-echo-initial"
	initialValue       = "test_initial_metadata_value"
	trailingKey        = "x-grpc-test-echo-trailing-bin"
	trailingValue      = "\xab\xab\xab"
	specialMessage     = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
	timeout            = 10 * time.Second
)

var pingPongSizes = [][2]int{{27182, 31415}, {8, 9}, {1828, 2653}, {45904, 58979}}

// Each received message's answer to "was it compressed".
type flags struct{ compressed []bool }

func (*flags) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (*flags) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (*flags) HandleConn(context.Context, stats.ConnStats)                       {}

func (f *flags) HandleRPC(_ context.Context, event stats.RPCStats) {
	const prefixBytes = 5
	if in, ok := event.(*stats.InPayload); ok {
		f.compressed = append(f.compressed, in.WireLength-prefixBytes != in.Length)
	}
}

type client struct {
	ctx        context.Context
	connection *grpc.ClientConn
	stub       pb.TestServiceClient
	flags      *flags
}

// What a case panics with when something is not as it must be.
type failure string

func fail(format string, arguments ...interface{}) {
	panic(failure(fmt.Sprintf(format, arguments...)))
}

func expectOK(err error) {
	if err != nil {
		fail("the call failed: %v", err)
	}
}

func expectStatus(err error, code codes.Code) {
	if status.Code(err) != code {
		fail("expected %v, saw %v", code, err)
	}
}

func expectMessage(err error, message string) {
	expectStatus(err, codes.Unknown)
	if seen := status.Convert(err).Message(); seen != message {
		fail("expected message %q, saw %q", message, seen)
	}
}

func expectFlags(f *flags, expected ...bool) {
	if fmt.Sprint(f.compressed) != fmt.Sprint(expected) {
		fail("expected messages compressed %v, saw %v", expected, f.compressed)
	}
}

func zeros(size int) *pb.Payload { return &pb.Payload{Body: make([]byte, size)} }

func expectZeros(payload *pb.Payload, size int) {
	if !bytes.Equal(payload.GetBody(), make([]byte, size)) {
		fail("expected a body of %d zeros, saw %d bytes", size, len(payload.GetBody()))
	}
}

func largeRequest() *pb.SimpleRequest {
	return &pb.SimpleRequest{ResponseSize: largeResponseBytes, Payload: zeros(largeRequestBytes)}
}

func outputRequest(requestBytes int, sizes ...int) *pb.StreamingOutputCallRequest {
	request := &pb.StreamingOutputCallRequest{Payload: zeros(requestBytes)}
	for _, size := range sizes {
		request.ResponseParameters = append(
			request.ResponseParameters, &pb.ResponseParameters{Size: int32(size)})
	}
	return request
}

// The server has a reason of its own for ending a call early, which the last Recv tells.
func sendUnlessEnded(err error) {
	if err != io.EOF {
		expectOK(err)
	}
}

type receiver interface {
	Recv() (*pb.StreamingOutputCallResponse, error)
}

func expectNext(call receiver, size int) {
	response, err := call.Recv()
	expectOK(err)
	expectZeros(response.Payload, size)
}

func expectEnd(call receiver) {
	if _, err := call.Recv(); err != io.EOF {
		fail("expected the end of the stream, saw %v", err)
	}
}

func (c *client) duplex(ctx context.Context, options ...grpc.CallOption) pb.TestService_FullDuplexCallClient {
	call, err := c.stub.FullDuplexCall(ctx, options...)
	expectOK(err)
	return call
}

func emptyUnary(c *client) {
	_, err := c.stub.EmptyCall(c.ctx, &pb.Empty{})
	expectOK(err)
}

func largeUnary(c *client) {
	response, err := c.stub.UnaryCall(c.ctx, largeRequest())
	expectOK(err)
	expectZeros(response.Payload, largeResponseBytes)
}

func clientCompressedUnary(c *client) {
	request := largeRequest()
	request.ExpectCompressed = &pb.BoolValue{Value: true}
	_, err := c.stub.UnaryCall(c.ctx, request)
	expectStatus(err, codes.InvalidArgument)
	response, err := c.stub.UnaryCall(c.ctx, request, grpc.UseCompressor(gzip.Name))
	expectOK(err)
	expectZeros(response.Payload, largeResponseBytes)
	request.ExpectCompressed.Value = false
	response, err = c.stub.UnaryCall(c.ctx, request)
	expectOK(err)
	expectZeros(response.Payload, largeResponseBytes)
}

// grpc-go accepts compressed responses on those calls whose requests it compresses.
func serverCompressedUnary(c *client) {
	for _, compressed := range []bool{true, false} {
		request := largeRequest()
		request.ResponseCompressed = &pb.BoolValue{Value: compressed}
		response, err := c.stub.UnaryCall(c.ctx, request, grpc.UseCompressor(gzip.Name))
		expectOK(err)
		expectZeros(response.Payload, largeResponseBytes)
	}
	expectFlags(c.flags, true, false)
}

func expectAggregate(call pb.TestService_StreamingInputCallClient, size int32) {
	response, err := call.CloseAndRecv()
	expectOK(err)
	if response.AggregatedPayloadSize != size {
		fail("expected an aggregated size of %d, saw %d", size, response.AggregatedPayloadSize)
	}
}

func clientStreaming(c *client) {
	call, err := c.stub.StreamingInputCall(c.ctx)
	expectOK(err)
	for _, sizes := range pingPongSizes {
		expectOK(call.Send(&pb.StreamingInputCallRequest{Payload: zeros(sizes[0])}))
	}
	expectAggregate(call, 74922)
}

func clientCompressedStreaming(c *client) {
	first := &pb.StreamingInputCallRequest{
		Payload: zeros(27182), ExpectCompressed: &pb.BoolValue{Value: true}}
	second := &pb.StreamingInputCallRequest{
		Payload: zeros(45904), ExpectCompressed: &pb.BoolValue{Value: false}}

	probe, err := c.stub.StreamingInputCall(c.ctx)
	expectOK(err)
	// A message that is made ready on a stream without compression stays as it is on any other.
	var uncompressed grpc.PreparedMsg
	expectOK(uncompressed.Encode(probe, second))
	sendUnlessEnded(probe.Send(first))
	_, err = probe.CloseAndRecv()
	expectStatus(err, codes.InvalidArgument)

	call, err := c.stub.StreamingInputCall(c.ctx, grpc.UseCompressor(gzip.Name))
	expectOK(err)
	expectOK(call.Send(first))
	expectOK(call.SendMsg(&uncompressed))
	expectAggregate(call, 73086)
}

func serverStreaming(c *client) {
	request := &pb.StreamingOutputCallRequest{}
	for _, sizes := range pingPongSizes {
		request.ResponseParameters = append(
			request.ResponseParameters, &pb.ResponseParameters{Size: int32(sizes[1])})
	}
	call, err := c.stub.StreamingOutputCall(c.ctx, request)
	expectOK(err)
	for _, sizes := range pingPongSizes {
		expectNext(call, sizes[1])
	}
	expectEnd(call)
}

func serverCompressedStreaming(c *client) {
	request := &pb.StreamingOutputCallRequest{ResponseParameters: []*pb.ResponseParameters{
		{Size: 31415, Compressed: &pb.BoolValue{Value: true}},
		{Size: 92653, Compressed: &pb.BoolValue{Value: false}},
	}}
	call, err := c.stub.StreamingOutputCall(c.ctx, request, grpc.UseCompressor(gzip.Name))
	expectOK(err)
	expectNext(call, 31415)
	expectNext(call, 92653)
	expectEnd(call)
	expectFlags(c.flags, true, false)
}

func pingPong(c *client) {
	call := c.duplex(c.ctx)
	for _, sizes := range pingPongSizes {
		expectOK(call.Send(outputRequest(sizes[0], sizes[1])))
		expectNext(call, sizes[1])
	}
	expectOK(call.CloseSend())
	expectEnd(call)
}

func emptyStream(c *client) {
	call := c.duplex(c.ctx)
	expectOK(call.CloseSend())
	expectEnd(call)
}

func expectEcho(initial, trailing metadata.MD) {
	if seen := fmt.Sprint(initial[initialKey]); seen != fmt.Sprint([]string{initialValue}) {
		fail("initial metadata: saw %s", seen)
	}
	if seen := fmt.Sprint(trailing[trailingKey]); seen != fmt.Sprint([]string{trailingValue}) {
		fail("trailing metadata: saw %q", seen)
	}
}

func customMetadata(c *client) {
	ctx := metadata.AppendToOutgoingContext(
		c.ctx, initialKey, initialValue, trailingKey, trailingValue)
	var initial, trailing metadata.MD
	response, err := c.stub.UnaryCall(
		ctx, largeRequest(), grpc.Header(&initial), grpc.Trailer(&trailing))
	expectOK(err)
	expectZeros(response.Payload, largeResponseBytes)
	expectEcho(initial, trailing)

	call := c.duplex(ctx)
	expectOK(call.Send(outputRequest(largeRequestBytes, largeResponseBytes)))
	expectOK(call.CloseSend())
	expectNext(call, largeResponseBytes)
	expectEnd(call)
	initial, err = call.Header()
	expectOK(err)
	expectEcho(initial, call.Trailer())
}

func echoed(message string) *pb.EchoStatus {
	return &pb.EchoStatus{Code: int32(codes.Unknown), Message: message}
}

func statusCodeAndMessage(c *client) {
	const message = "test status message"
	_, err := c.stub.UnaryCall(c.ctx, &pb.SimpleRequest{ResponseStatus: echoed(message)})
	expectMessage(err, message)
	call := c.duplex(c.ctx)
	expectOK(call.Send(&pb.StreamingOutputCallRequest{ResponseStatus: echoed(message)}))
	expectOK(call.CloseSend())
	_, err = call.Recv()
	expectMessage(err, message)
}

func specialStatusMessage(c *client) {
	_, err := c.stub.UnaryCall(c.ctx, &pb.SimpleRequest{ResponseStatus: echoed(specialMessage)})
	expectMessage(err, specialMessage)
}

func unimplementedMethod(c *client) {
	_, err := c.stub.UnimplementedCall(c.ctx, &pb.Empty{})
	expectStatus(err, codes.Unimplemented)
}

func unimplementedService(c *client) {
	other := pb.NewUnimplementedServiceClient(c.connection)
	_, err := other.UnimplementedCall(c.ctx, &pb.Empty{})
	expectStatus(err, codes.Unimplemented)
}

func cancelAfterBegin(c *client) {
	ctx, cancel := context.WithCancel(c.ctx)
	call, err := c.stub.StreamingInputCall(ctx)
	expectOK(err)
	cancel()
	// Not CloseAndRecv: to what half-closes, a quick server may answer before that is looked at.
	err = call.RecvMsg(&pb.StreamingInputCallResponse{})
	expectStatus(err, codes.Canceled)
}

func cancelAfterFirstResponse(c *client) {
	ctx, cancel := context.WithCancel(c.ctx)
	call := c.duplex(ctx)
	expectOK(call.Send(outputRequest(27182, 31415)))
	expectNext(call, 31415)
	cancel()
	_, err := call.Recv()
	expectStatus(err, codes.Canceled)
}

func timeoutOnSleepingServer(c *client) {
	ctx, cancel := context.WithTimeout(c.ctx, time.Millisecond)
	defer cancel()
	call, err := c.stub.FullDuplexCall(ctx)
	if err == nil {
		sendUnlessEnded(call.Send(outputRequest(27182)))
		_, err = call.Recv()
	}
	expectStatus(err, codes.DeadlineExceeded)
}

var cases = map[string]func(*client){
	"empty_unary":                 emptyUnary,
	"large_unary":                 largeUnary,
	"client_compressed_unary":     clientCompressedUnary,
	"server_compressed_unary":     serverCompressedUnary,
	"client_streaming":            clientStreaming,
	"client_compressed_streaming": clientCompressedStreaming,
	"server_streaming":            serverStreaming,
	"server_compressed_streaming": serverCompressedStreaming,
	"ping_pong":                   pingPong,
	"empty_stream":                emptyStream,
	"custom_metadata":             customMetadata,
	"status_code_and_message":     statusCodeAndMessage,
	"special_status_message":      specialStatusMessage,
	"unimplemented_method":        unimplementedMethod,
	"unimplemented_service":       unimplementedService,
	"cancel_after_begin":          cancelAfterBegin,
	"cancel_after_first_response": cancelAfterFirstResponse,
	"timeout_on_sleeping_server":  timeoutOnSleepingServer,
}

func main() {
	host := flag.String("server_host", "", "where the server is")
	port := flag.Int("server_port", 0, "its port")
	name := flag.String("test_case", "", "what to run")
	caFile := flag.String("ca_file", "", "who vouches for the server; none is plaintext")
	override := flag.String("server_host_override", "", "the server's name in its certificate")
	flag.Parse()
	defer func() {
		if reason := recover(); reason != nil {
			fmt.Fprintln(os.Stderr, reason)
			os.Exit(1)
		}
	}()
	run, ok := cases[*name]
	if !ok {
		fail("there is no case %q", *name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	security := grpc.WithInsecure()
	if *caFile != "" {
		creds, err := credentials.NewClientTLSFromFile(*caFile, *override)
		expectOK(err)
		security = grpc.WithTransportCredentials(creds)
	}
	seen := &flags{}
	connection, err := grpc.DialContext(
		ctx, fmt.Sprintf("%s:%d", *host, *port), security, grpc.WithBlock(),
		grpc.WithStatsHandler(seen))
	expectOK(err)
	run(&client{ctx, connection, pb.NewTestServiceClient(connection), seen})
}
