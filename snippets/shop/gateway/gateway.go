// Package gateway is the shop's door: HTTP and JSON outside, gRPC inside.
package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"example.com/assay/shop/serve"
	"example.com/assay/shop/shoppb"
)

// MaxBody is how many bytes of a request's body are read.
const MaxBody = 4 << 10

// Gateway holds the clients; a test gives its own.
type Gateway struct {
	Orders   shoppb.OrdersClient
	Products shoppb.ProductsClient
	Timeout  time.Duration
	Metrics  *serve.Metrics
}

// Handler returns the routes.
func (g Gateway) Handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(g.observe, gin.CustomRecoveryWithWriter(nil, recovered))
	engine.POST("/orders", g.placeOrder)
	engine.GET("/orders/:id", g.order)
	engine.GET("/products/:id", g.product)
	return engine
}

// --8<-- [start:place]

func (g Gateway) placeOrder(c *gin.Context) {
	var body struct {
		Product  string `json:"product"`
		Quantity int32  `json:"quantity"`
	}
	if err := read(c, &body); err != nil {
		fail(c, err)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), g.Timeout)
	defer cancel()
	order, err := g.Orders.Place(ctx, &shoppb.PlaceRequest{
		Customer: c.GetHeader("X-Customer"), Product: body.Product, Quantity: body.Quantity,
	})
	if err != nil {
		fail(c, err)
		return // without it the next line reads a nil order
	}
	c.JSON(http.StatusCreated, shown(order))
}

// --8<-- [end:place]

// --8<-- [start:read]

// read takes one JSON object of at most MaxBody bytes, and nothing that it doesn't know.
func read(c *gin.Context, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(c.Writer, c.Request.Body, MaxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		return err
	}
	if err != nil {
		return status.Errorf(codes.InvalidArgument, "the body can't be read: %v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return status.Error(codes.InvalidArgument, "there is more after the JSON object")
	}
	return nil
}

// --8<-- [end:read]

func (g Gateway) order(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), g.Timeout)
	defer cancel()
	if order, err := g.Orders.Get(ctx, &shoppb.GetOrderRequest{Id: c.Param("id")}); err != nil {
		fail(c, err)
	} else {
		c.JSON(http.StatusOK, shown(order))
	}
}

func (g Gateway) product(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), g.Timeout)
	defer cancel()
	if product, err := g.Products.Get(ctx, &shoppb.GetProductRequest{Id: c.Param("id")}); err != nil {
		fail(c, err)
	} else {
		c.JSON(http.StatusOK, gin.H{"id": product.Id, "price_cents": product.PriceCents})
	}
}

func shown(o *shoppb.Order) gin.H {
	return gin.H{"id": o.Id, "product": o.Product, "quantity": o.Quantity, "total_cents": o.TotalCents}
}

// --8<-- [start:fail]

// fail answers an error once, and keeps for the log what the client doesn't see.
func fail(c *gin.Context, err error) {
	code, message := answer(err)
	_ = c.Error(err)
	c.AbortWithStatusJSON(code, gin.H{"error": message})
}

// recovered answers a panic as an internal error; net/http alone would close the connection.
func recovered(c *gin.Context, fault any) {
	fail(c, status.Error(codes.Internal, fmt.Sprint("panic: ", fault)))
}

// observe counts, logs and names the span; Gin's own 404 has no route.
func (g Gateway) observe(c *gin.Context) {
	start := time.Now()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = "none"
	}
	took := time.Since(start)
	span := trace.SpanFromContext(c.Request.Context())
	span.SetName(c.Request.Method + " " + route) // net/http can't know the routes of Gin
	g.Metrics.Observe(c.Request.Method, route, c.Writer.Status(), took)
	slog.Info("request", "method", c.Request.Method, "route", route,
		"code", c.Writer.Status(), "took", took, "error", c.Errors.Last(),
		"trace", span.SpanContext().TraceID())
}

// --8<-- [end:fail]

// --8<-- [start:table]

// StatusClientGone has no place in the standard; nginx made it known. Nobody reads the answer.
const StatusClientGone = 499

// table is google/rpc/code.proto's: every code has one HTTP status.
var table = [...]int{
	codes.OK:                 http.StatusOK,
	codes.Canceled:           StatusClientGone,
	codes.Unknown:            http.StatusInternalServerError,
	codes.InvalidArgument:    http.StatusBadRequest,
	codes.DeadlineExceeded:   http.StatusGatewayTimeout,
	codes.NotFound:           http.StatusNotFound,
	codes.AlreadyExists:      http.StatusConflict,
	codes.PermissionDenied:   http.StatusForbidden,
	codes.ResourceExhausted:  http.StatusTooManyRequests,
	codes.FailedPrecondition: http.StatusBadRequest,
	codes.Aborted:            http.StatusConflict,
	codes.OutOfRange:         http.StatusBadRequest,
	codes.Unimplemented:      http.StatusNotImplemented,
	codes.Internal:           http.StatusInternalServerError,
	codes.Unavailable:        http.StatusServiceUnavailable,
	codes.DataLoss:           http.StatusInternalServerError,
	codes.Unauthenticated:    http.StatusUnauthorized,
}

// Status returns the HTTP status of a gRPC code, 500 for one that isn't in the table.
func Status(code codes.Code) int {
	if int(code) >= len(table) {
		return http.StatusInternalServerError
	}
	return table[code]
}

// --8<-- [end:table]

// --8<-- [start:answer]

// answer is what the client may know of an error: addresses and stack traces stay inside.
func answer(err error) (int, string) {
	if large := new(http.MaxBytesError); errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, "the body is too large"
	}
	if errors.Is(err, context.Canceled) { // ended before a call was made
		return StatusClientGone, "the client has left"
	}
	code := Status(status.Code(err))
	if code >= http.StatusInternalServerError {
		return code, http.StatusText(code)
	}
	return code, status.Convert(err).Message()
}

// --8<-- [end:answer]
