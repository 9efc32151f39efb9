# The interop cases by C-core, from Ruby: the gRPC project's own interop client, as Debian's
# ruby-grpc ships it, and the three cases that it lacks.
#
# usage: client.rb --server_host=HOST --server_port=PORT --test_case=NAME

require Gem::Specification.find_by_name('grpc').full_gem_path + '/src/ruby/pb/test/client'

class NamedTests
  SPECIAL_MESSAGE =
    "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n".freeze

  # Ruby does not show a message's flags; whoever runs this counts the bytes on the wire.
  def server_compressed_unary
    [true, false].each do |compressed|
      request = SimpleRequest.new(
        response_size: 314_159, payload: Payload.new(body: nulls(271_828)),
        response_compressed: BoolValue.new(value: compressed)
      )
      response = @stub.unary_call(request)
      assert('the body is not as asked for') { response.payload.body == nulls(314_159) }
    end
  end

  def server_compressed_streaming
    asked = [[31_415, true], [92_653, false]]
    parameters = asked.map do |size, compressed|
      ResponseParameters.new(size: size, compressed: BoolValue.new(value: compressed))
    end
    responses = @stub.streaming_output_call(
      StreamingOutputCallRequest.new(response_parameters: parameters)
    )
    bodies = responses.map { |response| response.payload.body }
    assert('the bodies are not as asked for') { bodies == [nulls(31_415), nulls(92_653)] }
  end

  def special_status_message
    status = EchoStatus.new(code: 2, message: SPECIAL_MESSAGE)
    begin
      @stub.unary_call(SimpleRequest.new(response_status: status))
    rescue GRPC::Unknown => e
      seen = e.details.dup.force_encoding('UTF-8')
      assert("the message is #{seen.inspect}") { seen == SPECIAL_MESSAGE }
      return
    end
    fail AssertionError, 'the call went well'
  end
end

main
