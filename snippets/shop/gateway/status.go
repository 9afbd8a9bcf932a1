package gateway

import (
	"context"
	"errors"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

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
