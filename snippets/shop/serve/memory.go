package serve

import (
	"context"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
)

// InMemory connects a client with services in the same process: real gRPC without a network.
func InMemory(register func(*grpc.Server), opts ...grpc.ServerOption) (conn *grpc.ClientConn, stop func()) {
	l, server := bufconn.Listen(1<<16), grpc.NewServer(opts...)
	register(server)
	go func() { _ = server.Serve(l) }()
	conn, err := grpc.NewClient("passthrough:///shop",
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	if err != nil {
		panic(err) // the name is ours
	}
	return conn, func() { _ = conn.Close(); server.Stop() }
}
