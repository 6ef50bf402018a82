import json
import os

import tornado.httpserver
import tornado.ioloop
import tornado.web


class Echo(tornado.web.RequestHandler):
    def post(self):
        self.set_header("Content-Type", "application/json")
        self.write(json.dumps(json.loads(self.request.body)))


server = tornado.httpserver.HTTPServer(tornado.web.Application([("/echo", Echo)]))
server.listen(int(os.environ["PORT"]), "127.0.0.1")
tornado.ioloop.IOLoop.current().start()
