"""What the tests of clients/python and of Tests/IntegrationTests share."""
