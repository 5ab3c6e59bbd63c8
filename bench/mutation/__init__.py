"""Mutation tests: does a test notice when an operator, a constant or a condition is changed?"""
